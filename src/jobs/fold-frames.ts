import { count } from '../lib/text.ts';

const FOREIGN_FRAME = /node_modules|node:internal/;
/** Where the handler is called: all below is this program. */
const CALLER_FRAME = /^at (async )?(perform|runJob)\b/;

/** Stack lines with each run of frames that are not the user's as one line. */
export function foldFrames(frames: readonly string[]): string[] {
  const caller = frames.findIndex((frame) => CALLER_FRAME.test(frame));
  const folded: string[] = [];
  let run = 0;
  const flush = () => {
    if (run > 0) folded.push(`  … ${count(run, 'frame')} of packages`);
    run = 0;
  };
  for (const frame of frames.slice(0, caller === -1 ? undefined : caller)) {
    if (FOREIGN_FRAME.test(frame)) run += 1;
    else {
      flush();
      folded.push(`  ${frame}`);
    }
  }
  flush();
  return folded;
}
