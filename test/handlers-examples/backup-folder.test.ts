import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHandlerCatalog } from '../../src/handlers/catalog.ts';
import { pickEnvironment } from '../../src/handlers/executable/environment.ts';
import { type ContextRecord, handlerContext } from '../helpers/handler-context.ts';
import { type Files, folderOf } from '../helpers/write-files.ts';

const HANDLERS = path.resolve(import.meta.dirname, '../../handlers');
const FILES: Files = { 'docs/a.txt': 'alpha', 'docs/-b c.txt': 'beta', 'notes/todo.txt': 'much' };

interface Backup {
  archive: string;
  bytes: number;
  sha256: string;
}

/** One attempt in a project with these files. */
async function backUp(
  folder: string,
  payload: unknown,
  job: { id?: string; createdAt?: Date } = {},
): Promise<Backup & { record: ContextRecord }> {
  const catalog = createHandlerCatalog(HANDLERS, { folder, env: pickEnvironment(process.env) });
  const { context, record } = handlerContext({ job });
  const result = (await (await catalog.get('backup-folder')).run(payload, context)) as Backup;
  return { ...result, record };
}
const listArchive = (file: string): string[] =>
  execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n').toSorted();

describe('backup-folder', () => {
  it('packs a folder into an archive that is what it says', async () => {
    const folder = await folderOf(FILES);
    const createdAt = new Date('2030-01-31T09:00:00.123Z');
    const { archive, bytes, sha256, record } = await backUp(folder, { folder: 'docs' }, { id: 'j_1', createdAt });
    expect(archive).toBe('backups/docs/2030-01-31T090000-j_1.tar.gz');
    const content = fs.readFileSync(path.join(folder, archive));
    expect(bytes).toBe(content.length);
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(listArchive(path.join(folder, archive))).toEqual(['docs/', 'docs/-b c.txt', 'docs/a.txt']);
    expect(record).toMatchObject({ progress: [80], logs: [] });
    expect(fs.readdirSync(path.join(folder, 'backups/docs'))).toHaveLength(1);
  });

  it('makes one archive however often the job runs', async () => {
    const folder = await folderOf(FILES);
    const job = { id: 'j_1', createdAt: new Date(0) };
    const first = await backUp(folder, { folder: 'docs' }, job);
    expect((await backUp(folder, { folder: 'docs' }, job)).archive).toBe(first.archive);
    expect(fs.readdirSync(path.join(folder, 'backups/docs'))).toHaveLength(1);
  });

  it('keeps the newest ones of that folder only', async () => {
    const folder = await folderOf(FILES);
    await backUp(folder, { folder: 'notes' }, { createdAt: new Date(0) });
    for (const day of [3, 1, 2]) await backUp(folder, { folder: 'docs' }, { createdAt: new Date(2030, 0, day) });
    const { archive, record } = await backUp(folder, { folder: 'docs', keep: 2 }, { createdAt: new Date(2030, 0, 4) });
    expect(fs.readdirSync(path.join(folder, 'backups/docs'))).toEqual([
      expect.stringMatching(/^2030-01-0[23]T/) as string,
      path.basename(archive),
    ]);
    expect(record.logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^removed backups\/docs\/2030-01-0[12]T/) as string,
      expect.stringMatching(/^removed backups\/docs\/(2030-01-01|2029-12-31)T/) as string,
    ]);
    expect(fs.readdirSync(path.join(folder, 'backups/notes'))).toHaveLength(1);
  });

  it.each([
    [{}, 'Expected a payload such as {"folder":"docs","keep":7}'],
    [{ folder: 5 }, 'Expected a payload such as'],
    [{ folder: 'do cs' }, 'Expected a payload such as'],
    [{ folder: '$(touch x)' }, 'Expected a payload such as'],
    [{ folder: 'docs', keep: 0 }, 'Expected a payload such as'],
    [{ folder: 'docs', keep: 'all' }, 'Expected a payload such as'],
    [{ folder: '/etc' }, 'Expected a folder below the project, got /etc'],
    [{ folder: '../docs' }, 'Expected a folder below the project, got ../docs'],
    [{ folder: 'docs/../..' }, 'Expected a folder below the project'],
    [{ folder: '.' }, 'Expected a folder below the project'],
    [{ folder: 'dosc' }, 'There is no folder dosc'],
    [{ folder: '--help' }, 'There is no folder --help'],
  ])('refuses %j for good', async (payload, message) => {
    const folder = await folderOf(FILES);
    await expect(backUp(folder, payload)).rejects.toMatchObject({
      name: 'Discard',
      message: expect.stringContaining(message) as string,
    });
    expect(fs.readdirSync(folder).toSorted()).toEqual(['docs', 'notes']);
  });

  it('that cannot write fails, to be tried again, and leaves nothing half done', async () => {
    const folder = await folderOf({ ...FILES, 'backups/docs': 'a file' });
    await expect(backUp(folder, { folder: 'docs' })).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringMatching(/^Exit code \d: mkdir/) as string,
    });
    expect(fs.readdirSync(path.join(folder, 'backups'))).toEqual(['docs']);
  });
});
