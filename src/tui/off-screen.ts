import type { Project } from '../jobs/project.ts';
import { watchProject } from '../jobs/snapshot.ts';
import type { Snapshot } from '../jobs/snapshot-types.ts';
import { followSource } from './follow.ts';
import { describeAll, describeChanges } from './speech.ts';

export interface Output {
  print(text: string): void;
  /** Something said on the way. */
  note(text: string): void;
  signal: AbortSignal;
}

/** Prints a frame every `everyMs` until it is interrupted; what is missed while Redis is away is noted. */
export const printFrames = (
  project: Project,
  render: (snapshot: Snapshot) => string,
  { everyMs, print, note, signal }: Output & { everyMs: number },
): Promise<void> =>
  followSource(
    watchProject(project),
    { everyMs, onSnapshot: (snapshot) => print(render(snapshot)), onMiss: note },
    signal,
  );

/** Nobody can listen to more. */
const LEAST_PAUSE_MS = 5000;

/** Tells in sentences how everything is and then what changes, line after line, until it is interrupted. */
export function speak(project: Project, { everyMs, print, signal }: Output & { everyMs: number }): Promise<void> {
  let before: Snapshot | undefined;
  let lost = false;
  const onSnapshot = (snapshot: Snapshot) => {
    if (lost) print('Redis answers again.');
    lost = false;
    for (const sentence of before ? describeChanges(before, snapshot) : describeAll(snapshot)) print(sentence);
    before = snapshot;
  };
  const onMiss = (reason: string) => {
    if (!lost) print(`Redis does not answer: ${reason}. What was said last may not hold any more.`);
    lost = true;
  };
  return followSource(
    watchProject(project),
    { everyMs: Math.max(LEAST_PAUSE_MS, everyMs), onSnapshot, onMiss },
    signal,
  );
}
