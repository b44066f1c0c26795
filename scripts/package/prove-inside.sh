#!/bin/bash
# What scripts/package/prove.sh runs in a bare Debian. Each line that begins with "ok" was checked.
set -euo pipefail
cd
say() { printf '\n# %s\n' "$*"; }
ok() { echo "ok: $*"; }
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# holds WHAT TEXT PATTERN
holds() { grep -qE -- "$3" <<<"$2" || fail "$1: $2"; ok "$1"; }
# waits WHAT COMMAND...: until it works
waits() {
  local what=$1 try
  shift
  for try in {1..300}; do "$@" >/dev/null 2>&1 && ok "$what" && return; sleep 0.1; done
  fail "$what"
}
# http METHOD PATH [BODY]: the answer of port 3000, by bash alone
http() {
  { exec 9<>/dev/tcp/127.0.0.1/3000; } 2>/dev/null || return
  printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
    "$1" "$2" "${#3}" "$3" >&9
  tr -d '\0' <&9
  exec 9<&-
}
get() { http GET "$1" ''; }

say 'A bare Debian, an ordinary user'
for name in node npm redis-server valkey-server jq curl; do ! command -v $name >/dev/null || fail "there is a $name"; done
ok "no node, npm, redis-server, valkey-server, jq or curl; user $(id -un), $(. /etc/os-release && echo "$PRETTY_NAME")"

say 'Install'
sh /opt/jq/install.sh
holds 'jobq is jq' "$(jobq --version)" '\(job queue\) node'
holds 'a call of the JSON tool is explained' "$(jq .a 2>&1 || true)" 'jq, the JSON tool, which is not on PATH'

say 'A project'
mkdir shop && cd shop
jq init --quiet >/dev/null
mkdir -p node_modules/shout
echo '{"name":"shout","version":"1.0.0","main":"index.js"}' >node_modules/shout/package.json
echo 'module.exports = (text) => text.toUpperCase();' >node_modules/shout/index.js
cat >handlers/shout.ts <<'TS'
import { defineHandler } from 'jobqueue';
import shout from 'shout';
enum Mark { One = '!' }
export default defineHandler({ run: ({ text }: { text: string }) => shout(text) + Mark.One });
TS
cat >handlers/fragile.mts <<'TS'
import fs from 'node:fs';
export default async (): Promise<string> => {
  if (!fs.existsSync('mended')) throw new Error('not mended');
  return 'works';
};
TS
printf '#!/bin/sh\necho "{\\"from\\": \\"$(uname -s)\\"}"\n' >handlers/system.sh
chmod +x handlers/system.sh
cat >handlers/spin.cjs <<'JS'
module.exports = () => { for (;;); };
JS
ok "handlers: $(ls handlers | tr '\n' ' ')"

say 'enqueue, work: its own Redis, worker processes, the lock thread'
id=$(jq enqueue hello --payload '{"name":"Ana"}' 2>enqueue.log)
holds "enqueued $id" "$(cat enqueue.log)" 'Redis: local'
jq work 2>work.log &
worker=$!
holds 'a TypeScript handler that imports jobqueue' "$(jq enqueue hello --payload '{"name":"Ada"}' --wait --json)" 'Hello, Ada!'
holds 'an enum and an npm package' "$(jq enqueue shout --payload '{"text":"hi"}' --wait --json)" '"HI!"'
holds 'an executable' "$(jq enqueue system --wait --json)" '"from": "Linux"'
holds 'a handler that never lets go is stopped by the lock thread' "$(jq enqueue spin --attempts 1 --timeout 1s --wait --json 2>&1 || true)" 'held its process'
[ -x "$(ls -d ~/.cache/jobqueue/redis-*)/redis-server" ] || fail 'the cache'
ok "unpacked to $(ls -d ~/.cache/jobqueue/redis-*), $(stat -c %A ~/.cache/jobqueue)"
echo changed >>"$(ls -d ~/.cache/jobqueue/redis-*)/lib/libm.so.6"

say 'dlq'
jq enqueue fragile --attempts 1 --wait --quiet >dead.log 2>&1 && fail 'it should die' || true
holds 'dlq list' "$(jq dlq list --type fragile)" 'not mended'
touch mended
holds 'dlq replay' "$(jq dlq replay --type fragile --yes 2>/dev/null; jq dlq list --type fragile --json)" '\[\]'
kill $worker && wait $worker && ok 'work ends in order'

say 'top, on a terminal'
# Leaves when the queues are there, or after 20 seconds. What ends stdin must not come in one piece with the key.
keys() {
  for try in {1..100}; do grep -q default top.log && break; sleep 0.2; done
  for try in {1..5}; do printf q 2>/dev/null || return; sleep 1; done
}
: >top.log
script -qfec 'stty rows 30 cols 100; jq top' top.log < <(keys) >/dev/null
holds 'top' "$(cat top.log)" 'default'

say 'serve: the API, the metrics, the dashboard'
jq serve --quiet >serve.log 2>&1 &
server=$!
waits 'it listens' get /health
holds 'POST /api/jobs' "$(http POST /api/jobs '{"type":"hello","payload":{}}')" '^HTTP/1.1 201'
holds 'GET /metrics' "$(get /metrics)" 'jobqueue_jobs'
board=$(get /admin/queues)
holds 'the dashboard' "$board" '<title>'
script=$(grep -oE 'static/js/main[^"]+' <<<"$board") || fail 'no script in the dashboard'
holds "its script $script" "$(get "/admin/queues/$script")" '^HTTP/1.1 200'
kill $server && wait $server && ok 'serve ends in order'

say 'dev: all of it'
# The damaged copy of Redis is seen and replaced.
while [ -p .jobqueue/alive.fifo ]; do sleep 0.2; done
jq dev 2>dev.log >&2 &
dev=$!
waits 'it listens' get /health
holds 'it runs jobs' "$(jq enqueue hello --payload '{"name":"Eve"}' --wait --json)" 'Hello, Eve!'
! grep -q ^changed "$(ls -d ~/.cache/jobqueue/redis-*)/lib/libm.so.6" || fail 'a changed library was used'
ok 'a changed file of its Redis was replaced'
kill $dev && { wait $dev || true; } && ok 'dev ends in order'

say 'Nothing is left'
left() { ls -l /proc/[0-9]*/exe 2>/dev/null | grep -E 'jobqueue|bin/jq'; }
for try in {1..100}; do left >/dev/null || break; sleep 0.1; done
! left || fail 'processes are left'
ok 'no process'
