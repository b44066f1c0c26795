import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sleep } from '../../src/lib/clock.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Connections that close, and buffers that other threads free, let go of what they hold only after a while. */
const LOOKS = 3;
const LOOK_MS = 100;

/** Bytes that this process holds on to, what nobody can reach any more left out. */
export async function usedMemory(): Promise<number> {
  let least = Infinity;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await sleep(LOOK_MS);
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external < least) [least, looks] = [heapUsed + external, 0];
  }
  return least;
}
