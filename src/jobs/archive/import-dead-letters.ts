import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { type DeadLetterCopy, importDead } from '../../broker/dead-letter-copies.ts';
import { registerQueues } from '../../broker/queues.ts';
import { replayDead } from '../../broker/replay-dead.ts';
import { JobQueueError, messageOf } from '../../errors.ts';
import { count } from '../../lib/text.ts';
import { uuidV7 } from '../../lib/uuid.ts';
import { audit } from '../audit.ts';
import type { BulkOptions } from '../bulk-dead-letters.ts';
import type { Project } from '../project.ts';
import { parseLine } from './archive-line.ts';

export interface Imported {
  /** Dead letters again, or replayed. */
  imported: number;
  /** They were there already, as the same dead letters. */
  present: number;
  /** Another job, or the same one in another state, has their id. */
  taken: number;
  replayed: number;
  batch: string;
}

const FAULTS_NAMED = 10;
/** Redis reads the JSON of each: so many, or so much text, in one call. */
const BATCH = 50;
const BATCH_LENGTH = 500_000;

/** Reads all of an archive, and counts. @throws JobQueueError USAGE naming the lines that are wrong */
export async function checkArchive(file: string): Promise<{ total: number; byQueue: Record<string, number> }> {
  const byQueue: Record<string, number> = {};
  const faults: { line: number; reason: string }[] = [];
  let [total, line] = [0, 0];
  for await (const text of linesOf(file)) {
    line += 1;
    if (text.trim() === '') continue;
    const copy = parseLine(text);
    if (typeof copy === 'string') faults.push({ line, reason: copy });
    else {
      total += 1;
      byQueue[copy.queue] = (byQueue[copy.queue] ?? 0) + 1;
    }
    if (faults.length === FAULTS_NAMED) break;
  }
  const [first] = faults;
  if (!first) return { total, byQueue };
  const lines = count(faults.length, 'line is', 'lines are');
  throw new JobQueueError(
    'USAGE',
    `Nothing was imported: ${lines} wrong in ${file}, first line ${first.line}: ${first.reason}`,
    { details: faults },
  );
}

/** Makes dead letters again of those in an archive, or puts them back to wait. One that is there already is left as it is. */
export async function importDeadLetters(
  project: Project,
  file: string,
  { replay, signal, onProgress }: Pick<BulkOptions, 'signal' | 'onProgress'> & { replay: boolean },
): Promise<Imported> {
  const { broker } = project;
  const done: Imported = { imported: 0, present: 0, taken: 0, replayed: 0, batch: `r_${uuidV7()}` };
  async function store(queue: string, copies: DeadLetterCopy[]): Promise<void> {
    await registerQueues(broker, [queue]);
    const outcomes = await importDead(broker, queue, copies);
    for (const outcome of outcomes) done[outcome] += 1;
    // One may be in the file twice.
    const ids = new Set(copies.flatMap(({ id }, index) => (outcomes[index] === 'taken' ? [] : [id])));
    if (replay) done.replayed += await replayDead(broker, queue, [...ids], done.batch);
    onProgress?.(done.imported + done.present + done.taken);
  }
  const pending = new Map<string, { copies: DeadLetterCopy[]; length: number }>();
  try {
    for await (const text of linesOf(file)) {
      if (signal?.aborted) break;
      const copy = parseLine(text);
      if (typeof copy === 'string') continue;
      const batch = pending.get(copy.queue) ?? { copies: [], length: 0 };
      batch.copies.push(copy);
      batch.length += text.length;
      pending.set(copy.queue, batch);
      if (batch.copies.length < BATCH && batch.length < BATCH_LENGTH) continue;
      pending.delete(copy.queue);
      await store(copy.queue, batch.copies);
    }
    for (const [queue, { copies }] of pending) if (!signal?.aborted) await store(queue, copies);
  } finally {
    const facts = replay && done.batch ? { id: done.batch } : {};
    await audit(project, { what: 'import', file, ...facts, count: done.imported });
  }
  return done;
}

/** @throws JobQueueError USAGE when it cannot be read */
async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = fs.createReadStream(file);
  let rest = '';
  try {
    const text = file.endsWith('.gz') ? await unzip(bytes) : bytes;
    for await (const chunk of text.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new JobQueueError('USAGE', `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    bytes.destroy();
  }
}

async function unzip(bytes: Readable): Promise<Readable> {
  const [{ createGunzip }, { pipeline }] = await Promise.all([import('node:zlib'), import('node:stream')]);
  return pipeline(bytes, createGunzip(), () => {});
}
