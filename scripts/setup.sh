#!/usr/bin/env bash
# Makes a fresh checkout ready: packages (with the right Node among them), a redis-server, the program.
# Quick when there is nothing to do. `--packages` stops after the packages, which is all that the checks need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/node_modules/.bin
stamp=node_modules/.installed-package-lock.json

install_packages() {
  command -v npm >/dev/null || { echo 'setup: npm is missing; install Node 20 or newer, which brings it' >&2; exit 1; }
  local log began=$SECONDS
  log=$(mktemp)
  # Not with the Node among the packages, which npm is about to replace.
  if ! PATH=${PATH//"$bin:"/} npm ci --no-progress >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
  cp package-lock.json "$stamp"
  echo "packages: $((SECONDS - began)) s" >&2
}

# npm has a Node for Linux; elsewhere it is the system's.
assert_node() {
  if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
      process.exit(major > 24 || (major === 24 && minor >= 11) ? 0 : 1)' 2>/dev/null; then
    echo "setup: Node 24.11 or newer is needed, and npm has none for this system; $(command -v node || echo node) is $(node -v 2>&1)" >&2
    exit 1
  fi
}

cmp -s package-lock.json "$stamp" || install_packages
export PATH="$bin:$PATH"
assert_node
if [ "${1-}" != --packages ]; then
  node scripts/vendor-redis.ts
  node scripts/build.ts --if-stale
fi
