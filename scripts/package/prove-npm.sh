#!/usr/bin/env bash
# Shows that the npm package is all that is needed: installs it into an empty folder, and makes a project with it there.
# It needs Node, npm and a redis-server (this checkout's, or one on the PATH): npm run package:prove-npm
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
archive=$(ls "$checkout"/dist/package/jobqueue-*.tgz)
folder=$(mktemp -d)
trap 'cd /; rm -rf "$folder"' EXIT
export HOME=$folder
unset JQ_REDIS_URL REDIS_URL NODE_ENV

holds() {
  if grep -qE -- "$3" <<<"$2"; then echo "ok: $1"; else echo "FAILED: $1: $2" >&2; exit 1; fi
}

npm install --global --offline --no-audit --no-fund --silent --prefix "$folder/prefix" "$archive"
# Its Redis is the one on the PATH: that of this checkout, which needs its own loader, or another.
redis=$checkout/vendor/redis
if [ -x "$redis/redis-server" ]; then
  printf '#!/bin/sh\nexec %q --library-path %q --argv0 redis-server %q "$@"\n' \
    "$redis/bin/redis-server" "$redis/lib" "$redis/redis-server" >"$folder/prefix/bin/redis-server"
  chmod +x "$folder/prefix/bin/redis-server"
fi
export PATH=$folder/prefix/bin:$PATH
[ "$(command -v jq)" = "$folder/prefix/bin/jq" ] || { echo "FAILED: jq is $(command -v jq)" >&2; exit 1; }
holds 'jq --version' "$(jq --version)" '\(job queue\)'
holds 'jobq --version' "$(jobq --version)" '\(job queue\)'
holds 'the manual page' "$(head -1 "$folder/prefix/share/man/man1/jq.1")" '^\.TH JQ'

mkdir "$folder/shop" && cd "$folder/shop"
jq init --quiet >/dev/null
holds 'jq init' "$(ls)" 'jobqueue.config.ts'
cat >handlers/greet.ts <<'TS'
import { defineHandler } from 'jobqueue';
export default defineHandler({ run: ({ name }: { name: string }, { job }) => `Hello, ${name}: attempt ${job.attempt}` });
TS
jq enqueue greet --payload '{"name":"Ana"}' >id
jq work --drain --quiet 2>work.log || { cat work.log >&2; exit 1; }
holds 'jq enqueue, jq work --drain' "$(jq jobs show "$(cat id)" --json)" 'Hello, Ana: attempt 1'

check() { "$checkout/node_modules/.bin/tsc" --noEmit --strict --module nodenext --types '' "$@" 2>&1 && echo right; }
holds 'types, by the file that jq init wrote' "$(check handlers/greet.ts jobqueue.config.ts jobqueue.d.ts)" '^right$'
# As a development dependency it brings them itself.
rm jobqueue.d.ts && echo '{"type":"module"}' >package.json
npm install --offline --no-audit --no-fund --silent --save-dev "$archive"
holds 'types, by the package' "$(check handlers/greet.ts)" '^right$'
sed -i 's/job.attempt/job.attemps/' handlers/greet.ts
holds 'which are looked at' "$(check handlers/greet.ts || true)" "'attemps' does not exist"
