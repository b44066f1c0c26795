/**
 * Loaded into a program before anything else (`NODE_OPTIONS=--import`), and into its threads: the clock of that program is
 * off by as many milliseconds as the file `$CLOCK_FILE` says, from the moment that it says so. What only measures time goes
 * on as before, as it does when somebody sets the clock of a machine.
 *
 * Each thread writes `<pid> <thread>` to `$CLOCK_FILE.users`, so that a test knows whom it has reached.
 */
import fs from 'node:fs';
import { threadId } from 'node:worker_threads';

const LOOK_EVERY_MS = 5;

const file = process.env.CLOCK_FILE!;
const RealDate = Date;
const realNow = Date.now.bind(Date);
let [offset, lookedAt] = [0, -Infinity];

function steppedNow(): number {
  if (performance.now() - lookedAt >= LOOK_EVERY_MS) {
    lookedAt = performance.now();
    offset = Number(fs.readFileSync(file, 'utf8'));
  }
  return realNow() + offset;
}

RealDate.now = steppedNow;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [steppedNow()] : args, newTarget) as Date,
  apply: () => new RealDate(steppedNow()).toString(),
});
fs.appendFileSync(`${file}.users`, `${process.pid} ${threadId}\n`);
