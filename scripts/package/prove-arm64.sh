#!/usr/bin/env bash
# Shows that the executable for arm64 and the redis-server in it run, on a machine of another architecture: npm run package:prove-arm64
# It needs qemu-user-static, and in QEMU_LD_PREFIX a folder with Debian's libc6, libgcc-s1 and libstdc++6 for arm64.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${QEMU_LD_PREFIX:?prove: set it to a folder with the libraries of arm64}"
export QEMU_LD_PREFIX
program=$PWD/dist/package/linux-arm64/jq
redis=$PWD/vendor/redis-arm64
[ -x "$program" ] || { echo 'prove: there is no executable; run: npm run package' >&2; exit 1; }

folder=$(mktemp -d)
processes=()
trap 'kill "${processes[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
export HOME=$folder JQ_REDIS_URL=unix://$folder/redis.sock
unset XDG_CACHE_HOME JQ_REDIS_PASSWORD_FILE NODE_ENV
jq() { qemu-aarch64-static "$program" "$@"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# holds WHAT TEXT PATTERN
holds() { grep -qE -- "$3" <<<"$2" || fail "$1: $2"; echo "ok: $1"; }
# waits WHAT COMMAND...: until it works
waits() {
  local what=$1 try
  shift
  for try in {1..300}; do "$@" >/dev/null 2>&1 && echo "ok: $what" && return; sleep 0.2; done
  fail "$what"
}

qemu-aarch64-static "$redis/ld.so" --library-path "$redis/lib" --argv0 redis-server "$redis/redis-server" \
  --port 0 --unixsocket "$folder/redis.sock" --dir "$folder" --save '' --appendonly yes >"$folder/redis.log" &
processes+=($!)
holds 'jq --version' "$(jq --version)" 'linux-arm64'
waits 'its redis-server answers it' jq stats --quiet
mkdir "$folder/shop" && cd "$folder/shop"
jq init --quiet >/dev/null
cat >handlers/double.ts <<'TS'
enum Mark { One = '!' }
export default async ({ n }: { n: number }) => {
  if (n < 0) throw new Error('negative');
  return 2 * n + Mark.One;
};
TS
id=$(jq enqueue double --payload '{"n":21}' --quiet)
jq enqueue double --payload '{"n":-1}' --attempts 1 --quiet >/dev/null
jq work --inline --drain --quiet 2>/dev/null
holds 'enqueue, work: a TypeScript handler' "$(jq jobs show "$id" --json --quiet)" '"result": "42!"'
holds 'dlq list' "$(jq dlq list --quiet)" 'negative'
holds 'top --once' "$(jq top --once --quiet)" '^default'
port=$((20000 + RANDOM % 10000))
qemu-aarch64-static "$program" serve --port "$port" --quiet >serve.log 2>&1 &
processes+=($!)
waits 'serve listens' curl --silent --fail "http://127.0.0.1:$port/livez"
board=$(curl --silent "http://127.0.0.1:$port/admin/queues")
script=$(grep -oE 'static/js/main[^"]+' <<<"$board") || fail "the dashboard: $board"
curl --silent --fail --output /dev/null "http://127.0.0.1:$port/admin/queues/$script" || fail "$script"
echo 'ok: the dashboard and its script'
