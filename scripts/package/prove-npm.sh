#!/usr/bin/env bash
# Shows that the npm package is all that is needed: installs it into an empty folder, and makes a project with it there.
# It needs Node, npm and a redis-server (this checkout's, or one on the PATH): npm run package:prove-npm
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
archive=$(ls "$checkout"/dist/package/jobqueue-*.tgz)
folder=$(mktemp -d)
trap 'cd /; rm -rf "$folder"' EXIT
export HOME=$folder JQ_REDIS_SERVER=${JQ_REDIS_SERVER-$checkout/vendor/redis/bin/redis-server}
[ -x "$JQ_REDIS_SERVER" ] || unset JQ_REDIS_SERVER
unset JQ_REDIS_URL REDIS_URL NODE_ENV

holds() {
  if grep -qE -- "$3" <<<"$2"; then echo "ok: $1"; else echo "FAILED: $1: $2" >&2; exit 1; fi
}

npm install --global --offline --no-audit --no-fund --silent --prefix "$folder/prefix" "$archive"
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
jq enqueue greet --payload '{"name":"Ana"}' >id 2>/dev/null
jq work --drain --quiet 2>work.log || { cat work.log >&2; exit 1; }
holds 'jq enqueue, jq work --drain' "$(jq jobs show "$(cat id)" --json)" 'Hello, Ana: attempt 1'

# As a development dependency it brings the types; without what jq init wrote.
rm -f jobqueue.d.ts && echo '{"type":"module"}' >package.json
npm install --offline --no-audit --no-fund --silent --save-dev "$archive"
check() { "$checkout/node_modules/.bin/tsc" --noEmit --strict --module nodenext --types '' handlers/greet.ts jobqueue.config.ts 2>&1; }
holds 'its types are right' "$(check && echo right)" '^right$'
sed -i 's/job.attempt/job.attemps/' handlers/greet.ts
holds 'and are looked at' "$(check || true)" "'attemps' does not exist"
