import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { JobQueueError, messageOf } from '../../errors.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** A run that was killed holds its lock for so long. */
const LOCK_MS = 4000;

/**
 * A file that dead letters are appended to, batch by batch, and that is whole whenever this process ends.
 *
 * What is about to be appended is first written beside it, with the length that the file has until then: the journal. It
 * gets its name by a rename, so there is a whole one or none. A batch whose journal is there when the file is opened may
 * be in the file, in part, or not at all: it is cut off and appended again. The journal goes away with {@link settle},
 * when the batch is gone from Redis. In a `.gz` each batch is a member of its own.
 */
export interface ArchiveFile {
  /** The lines of the batch that a former run left unsettled; they are in the file now. */
  readonly unsettled: readonly string[];
  /** Resolves when the lines are on the disk. */
  append(lines: readonly string[]): Promise<void>;
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** @throws JobQueueError USAGE for a file that is no archive, FAILED when it cannot be written or another process does */
export async function openArchive(file: string): Promise<ArchiveFile> {
  const release = await lock(file);
  try {
    return await open(file, release);
  } catch (error) {
    await release();
    throw error instanceof JobQueueError ? error : cannotWrite(file, error);
  }
}

async function open(file: string, release: () => Promise<void>): Promise<ArchiveFile> {
  const journal = `${file}.journal`;
  const isNew = !(await exists(file));
  const handle = await fs.open(file, isNew ? 'ax+' : 'r+', 0o600);
  if (!isNew) await assertArchive(handle, file);
  const isGzip = file.endsWith('.gz');

  async function write(text: string, from: number): Promise<void> {
    await handle.truncate(from);
    const bytes = isGzip ? await gzip(text) : Buffer.from(text);
    for (let written = 0; written < bytes.length;) {
      written += (await handle.write(bytes, written, bytes.length - written, from + written)).bytesWritten;
    }
    await handle.sync();
  }

  const unsettled: string[] = [];
  if (await exists(journal)) {
    const [head = '', ...lines] = (await fs.readFile(journal, 'utf8')).trimEnd().split('\n');
    const { size } = JSON.parse(head) as { size: number };
    unsettled.push(...lines);
    await write(lines.map((line) => `${line}\n`).join(''), Math.min(size, (await handle.stat()).size));
  }

  return {
    unsettled,
    async append(lines) {
      try {
        const { size } = await handle.stat();
        const text = lines.join('');
        await writeWhole(journal, `${JSON.stringify({ size })}\n${text}`);
        await write(text, size);
      } catch (error) {
        throw cannotWrite(file, error);
      }
    },
    settle: () => fs.rm(journal, { force: true }),
    async close() {
      await handle.close();
      await release();
    },
  };
}

/** A file is there with this text, synced, or not at all. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = await fs.open(`${file}.tmp`, 'w', 0o600);
  try {
    await draft.writeFile(text);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await fs.rename(`${file}.tmp`, file);
  // The archive's own name, too, is on the disk only when its folder is.
  const folder = await fs.open(path.dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

async function assertArchive(handle: fs.FileHandle, file: string): Promise<void> {
  const start = Buffer.alloc(13);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const fits = file.endsWith('.gz')
    ? start.subarray(0, 2).equals(GZIP_MAGIC)
    : String(start.subarray(0, bytesRead)) === '{"jobqueue":1';
  if (bytesRead > 0 && !fits)
    throw new JobQueueError('USAGE', `${file} is there already, and is no archive of dead letters`);
}

async function lock(file: string): Promise<() => Promise<void>> {
  const lockfile = await import('proper-lockfile');
  try {
    const unlock = await lockfile.lock(file, {
      realpath: false,
      stale: LOCK_MS,
      update: LOCK_MS / 4,
      // After a long sleep of the machine another one has it; then there is nothing to give back either.
      onCompromised: () => undefined,
      retries: { retries: 6, minTimeout: 1000, factor: 1 },
    });
    return () => unlock().catch(() => undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw cannotWrite(file, error);
    throw new JobQueueError('FAILED', `Another jq writes to ${file} right now`);
  }
}

const cannotWrite = (file: string, cause: unknown): JobQueueError =>
  new JobQueueError('FAILED', `Cannot write ${file}: ${messageOf(cause)}`, { cause });

const exists = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  );

async function gzip(text: string): Promise<Buffer> {
  const zlib = await import('node:zlib');
  return promisify(zlib.gzip)(text);
}
