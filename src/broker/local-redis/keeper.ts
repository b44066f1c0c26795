import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import type { RedisServer } from './find-server.ts';
import { type LocalRedisFolder, socketPath } from './folder.ts';

/** The exit code of a keeper that finds another one at work. */
export const ANOTHER_KEEPER_LIVES = 75;

/**
 * The process that runs a project's local Redis: a shell in the project's `.jobqueue` folder, so that no `jq` has to
 * stay behind. It starts Redis again when it crashes, and stops it when for `$1` seconds nobody has used it.
 * `$2` is the socket's path, the rest is the command. Its files say what lives, and the kernel keeps them true, however
 * a process ends:
 *
 * - `users.fifo`: who uses Redis writes a line and holds it open. Reading it ends when the last one is gone.
 * - `users.closing`: its name while the keeper looks a last time, so that nobody joins a Redis that is about to end.
 *   Who joined just before has left a line, and the keeper stays; who is later sees that the name is gone, and waits.
 * - `alive.fifo`: held open by the keeper and by Redis. Nobody may start another Redis on the same data while it is.
 * - `keeper.lock`: held likewise. It turns away a second keeper even if the lock of those who start one fails, which a
 *   lock that was left behind can make it do. macOS has no `flock` and does without.
 *
 * The keeper reads with the shell's own `read`, and its children do not get `users.fifo`: when the keeper is killed,
 * nothing reads it any more, and the next `jq` sees that. The subshell clears up once Redis has ended, whoever ended it.
 */
const KEEPER = `# jobqueue: keeps the local Redis of a project while jq processes use it
umask 077
linger=$1 socket=$2
shift 2
exec 6>keeper.lock
flock -n 6 2>/dev/null || [ $? -ne 1 ] || exit ${ANOTHER_KEEPER_LIVES}
rm -f alive.fifo users.*
mkfifo alive.fifo users.fifo || exit
exec 5<>alive.fifo 3<>users.fifo 4<users.fifo 3>&-
echo $$ >keeper.pid

(
  ending= failures=0
  trap 'ending=1' TERM
  while [ -z "$ending" ] && [ "$failures" -lt 5 ]; do
    began=$(date +%s)
    "$@" && break
    [ $(($(date +%s) - began)) -lt 5 ] || failures=0
    failures=$((failures + 1))
  done
  rm -f users.* keeper.pid "$socket"
  rmdir "\${socket%/*}" 2>/dev/null
  rm -f alive.fifo
  kill -KILL $$
) 4<&- &

end() {
  trap : TERM
  kill -TERM 0
  wait
  exit
}
trap end TERM
while :; do
  sleep "$linger" 4<&- 5<&- 6<&-
  came=
  while read -r line <&4; do came=1; done
  [ -z "$came" ] || continue
  mv users.fifo users.closing
  read -r line <&4 || end
  mv users.closing users.fifo
done
`;

/** A development Redis: never a TCP port, nothing is ever evicted, every write is in the append-only file. */
const SETTINGS = {
  port: '0',
  unixsocketperm: '700',
  dir: 'redis',
  save: '',
  appendonly: 'yes',
  appendfsync: 'everysec',
  'maxmemory-policy': 'noeviction',
};

/** Starts a keeper in a folder that is ready for it and in which nothing lives. It ends when Redis ends for good. */
export function spawnKeeper(
  folder: LocalRedisFolder,
  server: RedisServer,
  { lingerSeconds, searchPath }: { lingerSeconds: number; searchPath: string },
): ChildProcess {
  const socket = socketPath(folder);
  const settings = Object.entries({ ...SETTINGS, unixsocket: socket }).flatMap(([name, value]) => [`--${name}`, value]);
  const log = fs.openSync(folder.log, 'a', 0o600);
  try {
    const keeper = spawn(
      '/bin/sh',
      ['-c', KEEPER, 'jobqueue-keeper', String(lingerSeconds), socket, ...server.command, ...settings],
      {
        cwd: folder.path,
        // Nothing else of the environment: a foreign locale or LD_PRELOAD keeps the vendored server from starting.
        env: { PATH: searchPath, LC_ALL: 'C' },
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
    keeper.once('error', () => undefined); // it shows in having no pid
    keeper.unref();
    return keeper;
  } finally {
    fs.closeSync(log);
  }
}
