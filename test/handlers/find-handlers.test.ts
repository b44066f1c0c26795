import fs from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHandlers, TYPE_NAME } from '../../src/handlers/find-handlers.ts';
import { type Files, folderOf, writeFiles } from '../helpers/write-files.ts';

/** Files with these names and nothing in them. */
const empty = (...names: string[]): Files => Object.fromEntries(names.map((name) => [name, '']));

/** The types in `folder`, each with its file, relative to it. */
async function find(folder: string): Promise<Record<string, string>> {
  const found = await findHandlers(folder);
  return Object.fromEntries([...found].map(([type, { file }]) => [type, path.relative(folder, file)]));
}

describe('findHandlers', () => {
  it('names a type by the path of its file', async () => {
    const folder = await folderOf(
      empty('send-email.ts', 'a.mts', 'b.cts', 'c.js', 'd.mjs', 'e.cjs', 'mail/welcome.ts', 'mail/eu/v2.1.ts'),
    );
    expect(await find(folder)).toEqual({
      'send-email': 'send-email.ts',
      a: 'a.mts',
      b: 'b.cts',
      c: 'c.js',
      d: 'd.mjs',
      e: 'e.cjs',
      'mail/welcome': 'mail/welcome.ts',
      'mail/eu/v2.1': 'mail/eu/v2.1.ts',
    });
  });

  it('passes over what is no handler', async () => {
    const folder = await folderOf(
      empty(
        '_shared.ts',
        '_lib/mailer.ts',
        '.hidden.ts',
        '.git/hook.js',
        'node_modules/zod/index.js',
        'mail/node_modules/x.js',
        'types.d.ts',
        'types.d.mts',
        'mail.test.ts',
        'mail.spec.js',
        'README.md',
        'data.json',
        'view.tsx',
        'with space.ts',
        'ümlaut.ts',
        '-dash.ts',
      ),
    );
    expect(await find(folder)).toEqual({});
  });

  it('has none in a folder that is not there, but says so of one that cannot be read', async () => {
    expect(await find(path.join(await folderOf(), 'handlers'))).toEqual({});
    const folder = await folderOf({ handlers: 'a file' });
    await expect(findHandlers(path.join(folder, 'handlers'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('takes TypeScript before what may be made of it, and a folder beside a file of its name', async () => {
    const folder = await folderOf(
      empty('mail.js', 'mail.ts', 'mail/welcome.js', 'mail/welcome.mts', 'old.cjs', 'old.js'),
    );
    expect(await find(folder)).toEqual({ mail: 'mail.ts', 'mail/welcome': 'mail/welcome.mts', old: 'old.cjs' });
  });

  it('is in order, so that lists of types are', async () => {
    const folder = await folderOf(empty('b.ts', 'a/z.ts', 'a.ts', 'C.ts'));
    expect([...(await findHandlers(folder)).keys()]).toEqual(['C', 'a/z', 'a', 'b']);
  });

  it('follows links to files, and to nothing else', async () => {
    const folder = await folderOf(empty('shared/mail.ts', 'handlers/own.ts'));
    const link = (target: string, name: string) => fs.symlink(target, path.join(folder, 'handlers', name));
    await link('../shared/mail.ts', 'mail.ts');
    await link('../shared', 'shared');
    await link('.', 'loop');
    await link('../gone.ts', 'gone.ts');
    await link('/dev/null', 'device.ts');
    expect(await find(path.join(folder, 'handlers'))).toEqual({ mail: 'mail.ts', own: 'own.ts' });
  });
});

describe('executables', () => {
  /** Files with the run bit and nothing in them. */
  async function executables(...names: string[]): Promise<string> {
    const folder = await folderOf(empty(...names));
    for (const name of names) await fs.chmod(path.join(folder, name), 0o755);
    return folder;
  }
  const kinds = async (folder: string) =>
    Object.fromEntries([...(await findHandlers(folder))].map(([type, { kind }]) => [type, kind]));

  it('are files with a run bit, whatever their ending, which is not part of the name', async () => {
    const folder = await executables('backup', 'thumbnail.sh', 'media/resize.py', 'report.v2.rb', 'README');
    await writeFiles(folder, { 'notes.sh': 'without a run bit', LICENSE: '' });
    expect(await find(folder)).toEqual({
      README: 'README',
      backup: 'backup',
      'media/resize': 'media/resize.py',
      'report.v2': 'report.v2.rb',
      thumbnail: 'thumbnail.sh',
    });
    expect(new Set(Object.values(await kinds(folder)))).toEqual(new Set(['executable']));
  });

  it('may be run by anybody: who may not is told when it is run', async () => {
    const folder = await folderOf(empty('own', 'group', 'others'));
    const modes = { own: 0o700, group: 0o610, others: 0o601 };
    for (const [name, mode] of Object.entries(modes)) await fs.chmod(path.join(folder, name), mode);
    expect(Object.keys(await find(folder))).toEqual(['group', 'others', 'own']);
  });

  it('are not modules, declarations, tests, hidden files and copies that editors leave', async () => {
    const names =
      'a.ts b.mjs types.d.ts a.test.sh b.spec.py .hidden _lib/tool.sh .git/hooks/commit node_modules/.bin/tsc';
    const folder = await executables(...names.split(' '), 'thumbnail.sh~', '#thumbnail.sh#', 'two words.sh');
    expect(await kinds(folder)).toEqual({ a: 'module', b: 'module' });
  });

  it('may be links, and a link may lead to one', async () => {
    const folder = await executables('bin/tool');
    await fs.mkdir(path.join(folder, 'handlers'));
    await fs.symlink('../bin/tool', path.join(folder, 'handlers/work.sh'));
    await fs.symlink('../bin', path.join(folder, 'handlers/folder'));
    expect(await find(path.join(folder, 'handlers'))).toEqual({ work: 'work.sh' });
  });

  it('share their type with nobody', async () => {
    const folder = await executables('a', 'a.sh', 'b.py', 'c.sh');
    await writeFiles(folder, { 'a.ts': '', 'b.js': '', 'c.md': 'about it' });
    const found = await findHandlers(folder);
    const rivals = (type: string) => found.get(type)!.rivals.map((file) => path.basename(file));
    expect(rivals('a')).toEqual(['a.sh', 'a.ts']);
    expect(rivals('b')).toEqual(['b.py']);
    expect(rivals('c')).toEqual([]);
  });
});

describe('the name of a type', () => {
  it.each(['a', 'send-email', 'mail/welcome', 'Mail/EU.v2', '_private', '9', 'x'.repeat(128)])('may be %s', (type) =>
    expect(type).toMatch(TYPE_NAME),
  );

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../b',
    '/a',
    'a/',
    'a//b',
    'a b',
    'a\n',
    'a\0',
    '-a',
    '.a',
    'a/.b',
    'ä',
    'a\\b',
    'x'.repeat(129),
  ])('may not be %j', (type) => expect(type).not.toMatch(TYPE_NAME));

  it('never leads out of the folder', () => {
    const part = fc.constantFrom('.', '..', '/', '\\', 'a', '-', '%2e', '\0', '\n');
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (type) => {
          fc.pre(TYPE_NAME.test(type));
          expect(path.resolve('/handlers', type).startsWith('/handlers/')).toBe(true);
        },
      ),
    );
  });
});
