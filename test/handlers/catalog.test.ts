import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHandlerCatalog, type HandlerCatalog } from '../../src/handlers/catalog.ts';
import { type Files, folderOf } from '../helpers/write-files.ts';

const GOOD = 'export default async () => 1;';

async function catalogOf(files: Files): Promise<HandlerCatalog> {
  const folder = await folderOf(files);
  return createHandlerCatalog(folder, { folder, env: {} });
}

describe('a catalog', () => {
  it('imports a file only when somebody asks for its type, and once', async () => {
    const catalog = await catalogOf({
      'mail/welcome.ts':
        'globalThis.loads = (globalThis.loads ?? 0) + 1;\nexport default { queue: "mail", run: () => 1 };',
      'broken.ts': 'throw new Error("never asked for");',
    });
    expect(await catalog.types()).toEqual(['broken', 'mail/welcome']);
    const [first, second] = await Promise.all([catalog.get('mail/welcome'), catalog.find('mail/welcome')]);
    expect(first).toBe(second);
    expect(first).toMatchObject({
      type: 'mail/welcome',
      file: path.join(catalog.folder, 'mail/welcome.ts'),
      queue: 'mail',
    });
    expect(globalThis).toHaveProperty('loads', 1);
  });

  it('takes a plain function for a handler', async () => {
    const catalog = await catalogOf({ 'add.cjs': 'module.exports = ({ a, b }) => a + b;' });
    const { run } = await catalog.get('add');
    expect(run({ a: 1, b: 2 }, null!)).toBe(3);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '../good', 'good.ts', ''])(
    'has no handler of the type %j',
    async (type) => {
      const catalog = await catalogOf({ 'good.ts': GOOD });
      expect(await catalog.find(type)).toBeUndefined();
      await expect(catalog.get(type)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE', exitCode: 5 });
    },
  );

  it('has handlers by such names when there are files', async () => {
    const catalog = await catalogOf({ 'constructor.ts': GOOD, '__proto__.ts': GOOD, 'toString.ts': GOOD });
    expect(await catalog.types()).toEqual(['constructor', 'toString']);
    expect(await catalog.get('constructor')).toMatchObject({ type: 'constructor' });
  });
});

describe('an executable', () => {
  it('is a handler of any payload, and is not run before there is a job', async () => {
    const catalog = await catalogOf({ 'media/resize.sh': '#!/bin/sh\ntouch was-run\n' });
    const handler = await catalog.get('media/resize');
    expect(handler).toEqual({
      type: 'media/resize',
      file: path.join(catalog.folder, 'media/resize.sh'),
      run: expect.any(Function) as unknown,
    });
    expect(fs.readdirSync(catalog.folder)).toEqual(['media']);
  });

  it('that claims the type of another file is not run, and neither is that', async () => {
    const catalog = await catalogOf({ 'a.sh': '#!/bin/sh\n', 'a.ts': GOOD, 'b.ts': GOOD });
    await expect(catalog.get('a')).rejects.toMatchObject({
      code: 'HANDLER_BROKEN',
      message: expect.stringMatching(/^Several files claim the type "a": .*a\.sh, .*a\.ts$/) as string,
      hint: 'Rename all but one, or take away their run bit: chmod -x FILE',
    });
    expect([...(await catalog.loadAll()).handlers.keys()]).toEqual(['b']);
  });

  it('in JavaScript or TypeScript is a module all the same', async () => {
    const catalog = await catalogOf({
      'a.ts': `#!/usr/bin/env node\n${GOOD}`,
      'b.cjs': '#!/usr/bin/env node\nmodule.exports = () => 2;',
    });
    const { handlers, broken } = await catalog.loadAll();
    expect(broken).toEqual([]);
    expect(await Promise.all([...handlers.values()].map(({ run }) => run({}, null!)))).toEqual([1, 2]);
  });
});

describe('a type that is unknown', () => {
  it('may be a slip', async () => {
    const catalog = await catalogOf({ 'send-email.ts': GOOD, 'flaky.ts': GOOD });
    await expect(catalog.get('send-emial')).rejects.toMatchObject({
      message: expect.stringMatching(/^No handler has the type "send-emial" \(looked in .+\)$/) as string,
      hint: 'Did you mean "send-email"?',
    });
    await expect(catalog.get('charge-card')).rejects.toMatchObject({ hint: 'Types: flaky, send-email' });
  });

  it('may be the first of all', async () => {
    const catalog = await catalogOf({});
    await expect(catalog.get('send-email')).rejects.toMatchObject({
      hint: expect.stringMatching(/^Make one: .*send-email\.ts, or run: jq init$/) as string,
    });
  });
});

describe('files that are broken', () => {
  it.each([
    ['a.ts', 'export default {\n  run( {}\n};', /line 3: Expected/],
    ['a.mjs', 'export default {\n  run( {}\n};', /line 3: Unexpected token/],
    ['a.ts', "\nthrow new Error('set SMTP_URL');", /line 2: set SMTP_URL$/],
    ['a.cjs', "\nthrow new Error('set SMTP_URL');", /line 2: set SMTP_URL$/],
    ['a.ts', "throw 'a text';", /: a text$/],
    ['a.ts', "import 'no-such-package';", /Cannot find package 'no-such-package' imported from .*a\.ts$/],
    [
      'a.ts',
      "import { nope } from 'jobqueue';\nexport default nope;",
      /line 1: .* does not provide an export named 'nope'$/,
    ],
    ['a.ts', 'export const run = 1;', /Expected .*a\.ts to export a handler by default, got no default export$/],
    ['a.ts', 'export default 5;', /to export a handler by default, got 5$/],
    ['a.ts', 'export default null;', /to export a handler by default, got null$/],
    ['a.ts', 'export default { runs() {} };', /to export a handler by default, got an object$/],
    ['a.ts', 'export default { run: 5 };', /Expected `run` in .*a\.ts to be a function, got 5$/],
    ['a.ts', 'export default { run() {}, quee: "mail" };', /Unknown field `quee` in .*a\.ts$/],
    ['a.ts', 'export default { run() {}, toString() {} };', /Unknown field `toString` in .*a\.ts$/],
  ])('are named, with the line where one can be told: %s %j', async (name, text, message) => {
    const catalog = await catalogOf({ [name]: text });
    await expect(catalog.get('a')).rejects.toMatchObject({
      code: 'HANDLER_BROKEN',
      message: expect.stringMatching(message) as string,
    });
    await expect(catalog.get('a')).rejects.toThrow(name);
  });

  it('are told from the modules that they import', async () => {
    const catalog = await catalogOf({
      'mail.ts': "import './_lib/smtp.ts';\nexport default () => 1;",
      '_lib/smtp.ts': "\n\nthrow new Error('no server');",
    });
    await expect(catalog.get('mail')).rejects.toThrow(/mail\.ts: _lib\/smtp\.ts, line 3: no server$/);
  });

  it('tell of an import that is a type', async () => {
    const catalog = await catalogOf({
      'mail.ts': "import { Letter } from './_letter.ts';\nexport default (letter: Letter) => letter;",
      '_letter.ts': 'export interface Letter { to: string }',
    });
    await expect(catalog.get('mail')).rejects.toMatchObject({ hint: expect.stringContaining('import type') as string });
  });

  it('do not hinder the others', async () => {
    const catalog = await catalogOf({ 'a.ts': GOOD, 'b.ts': 'export default {', 'c.ts': GOOD, 'd/e.ts': 'export {};' });
    const { handlers, broken } = await catalog.loadAll();
    expect([...handlers.keys()]).toEqual(['a', 'c']);
    expect(broken.map(({ code }) => code)).toEqual(['HANDLER_BROKEN', 'HANDLER_BROKEN']);
    expect(broken.map(({ message }) => /[\w/]+\.ts/.exec(message)![0])).toEqual([
      expect.stringMatching(/b\.ts$/),
      expect.stringMatching(/d\/e\.ts$/),
    ]);
  });
});

describe('a warning', () => {
  const warningOf = async (place: string): Promise<string | undefined> => {
    const catalog = await catalogOf({ 'mail/welcome.ts': GOOD, 'add.ts': GOOD });
    fs.chmodSync(path.join(catalog.folder, place), place.endsWith('.ts') ? 0o666 : 0o777);
    return (await catalog.loadAll()).warning;
  };

  it.each(['', 'mail', 'add.ts', 'mail/welcome.ts'])('names what every user may change: "%s"', async (place) => {
    expect(await warningOf(place)).toMatch(new RegExp(`^every user of this machine can change \\S*${place}, and`));
  });

  it('names one of several', async () => {
    const catalog = await catalogOf({ 'a.ts': GOOD, 'b.ts': GOOD });
    for (const name of ['a.ts', 'b.ts']) fs.chmodSync(path.join(catalog.folder, name), 0o666);
    expect((await catalog.loadAll()).warning).toContain('/a.ts and 1 other place,');
  });

  it('is not given where others may read only', async () => {
    const catalog = await catalogOf({ 'a.ts': GOOD });
    fs.chmodSync(path.join(catalog.folder, 'a.ts'), 0o664);
    expect((await catalog.loadAll()).warning).toBeUndefined();
  });
});
