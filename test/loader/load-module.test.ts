import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as api from '../../src/index.ts';
import { loadModule } from '../../src/loader/load-module.ts';
import { type Files, folderOf, writeFiles } from '../helpers/write-files.ts';

/** The default export of the first of these files. */
async function load(files: Files): Promise<unknown> {
  const folder = await folderOf(files);
  return (await loadModule(path.join(folder, Object.keys(files)[0]!))).default;
}

describe('every kind of module', () => {
  it.each([
    ['.ts as an ES module', 'job.ts', 'const n: number = 7;\nexport default n;'],
    ['.mts', 'job.mts', 'const n: number = 7;\nexport default n;'],
    ['.cts', 'job.cts', 'const n: number = 7;\nmodule.exports = n;'],
    ['.js as an ES module', 'job.js', 'export default 7;'],
    ['.js as CommonJS', 'job.js', 'module.exports = 7;'],
    ['.mjs', 'job.mjs', 'export default 7;'],
    ['.cjs', 'job.cjs', 'module.exports = 7;'],
    ['what compilers make of an ES module', 'job.js', 'exports.__esModule = true;\nexports.default = 7;'],
    ['a module that waits', 'job.mts', 'export default await Promise.resolve(7);'],
  ])('is loaded: %s', async (_name, file, text) => expect(await load({ [file]: text })).toBe(7));

  it.each([
    ['enum', 'enum Size { Small = 1, Large }\nexport default Size.Large;', 2],
    ['const enum', 'const enum Size { Large = 2 }\nexport default Size.Large;', 2],
    ['namespace', 'namespace Sizes { export const large = 2; }\nexport default Sizes.large;', 2],
    [
      'parameter properties',
      'class Size { constructor(private readonly n = Number("2")) {} get() { return this.n; } }\nexport default new Size().get();',
      2,
    ],
    ['import =', "import path = require('node:path');\nexport = path.posix.join('a', 'b');", 'a/b'],
    [
      'types beside values in one import',
      "import { EventEmitter, type Thing } from 'node:events';\nenum Size { Large = 2 }\nexport default typeof EventEmitter === 'function' ? Size.Large : 0;",
      2,
    ],
  ])('is compiled where stripping types does not do: %s', async (_name, text, value) =>
    expect(await load({ 'job.ts': text })).toBe(value),
  );

  it('keeps CommonJS what is CommonJS, also when it is compiled', async () => {
    const text = 'enum Size { Large = 2 }\nmodule.exports = { size: Size.Large, isCommonJs: typeof require };';
    expect(await load({ 'job.cts': text })).toEqual({ size: 2, isCommonJs: 'function' });
  });
});

describe('the modules that it imports', () => {
  const greet = 'export const greet = (name: string): string => `Hello, ${name}`;';

  it.each([
    ['without an ending', './mail', { 'mail.ts': greet }],
    ['as .js that is .ts', './mail.js', { 'mail.ts': greet }],
    ['as .mjs that is .mts', './mail.mjs', { 'mail.mts': greet }],
    ['as a folder', './mail', { 'mail/index.ts': greet }],
    ['with a dot in the name', './mail.v2', { 'mail.v2.ts': greet }],
    ['from the folder above', '../mail', { '../mail.ts': greet }],
  ])('are found %s', async (_name, specifier, files) => {
    const folder = await folderOf({
      'handlers/job.ts': `import { greet } from '${specifier}';\nexport default greet('Ada');`,
    });
    await writeFiles(path.join(folder, 'handlers'), files);
    expect((await loadModule(path.join(folder, 'handlers/job.ts'))).default).toBe('Hello, Ada');
  });

  it('are found by require too', async () => {
    const files = {
      'job.cts': "const { greet } = require('./mail');\nmodule.exports = greet('Ada');",
      'mail.cts': 'exports.greet = (name: string) => `Hello, ${name}`;',
    };
    expect(await load(files)).toBe('Hello, Ada');
  });

  it('are the one that was named when both are there', async () => {
    const files = {
      'job.ts': "import { kind } from './mail.js';\nexport default kind;",
      'mail.js': "export const kind = 'js';",
      'mail.ts': "export const kind = 'ts';",
    };
    expect(await load(files)).toBe('js');
  });

  it('say who asked for them when they are nowhere', async () => {
    const folder = await folderOf({ 'job.ts': "import './mial';" });
    await expect(loadModule(path.join(folder, 'job.ts'))).rejects.toThrow(
      /Cannot find module '.*mial' imported from .*job\.ts/,
    );
  });

  it('are packages from where the file is, whatever the working folder', async () => {
    const files = {
      'handlers/job.ts':
        "import { greet } from 'greetings';\nimport old from 'old-greetings';\nexport default greet('Ada') + old('!');",
      'node_modules/greetings/package.json': '{"name":"greetings","type":"module","exports":"./index.js"}',
      'node_modules/greetings/index.js': 'export const greet = (name) => `Hello, ${name}`;',
      'node_modules/old-greetings/index.js': 'module.exports = (mark) => mark;',
    };
    expect(await load(files)).toBe('Hello, Ada!');
  });
});

describe('jobqueue itself', () => {
  it.each([
    [
      'imported',
      'job.ts',
      "export { default } from './all.ts';",
      'all.ts',
      "import * as api from 'jobqueue';\nexport default api;",
    ],
    [
      'required',
      'job.cts',
      "module.exports = require('./all.cts');",
      'all.cts',
      "module.exports = { ...require('jobqueue') };",
    ],
  ])('is this very program, %s', async (_name, file, text, other, otherText) => {
    expect({ ...((await load({ [file]: text, [other]: otherText })) as object) }).toEqual({ ...api });
  });

  it('is so also beside a package of that name', async () => {
    const files = {
      'job.ts': "import { Discard } from 'jobqueue';\nexport default Discard;",
      'node_modules/jobqueue/package.json': '{"name":"jobqueue","type":"module","exports":"./index.js"}',
      'node_modules/jobqueue/index.js': 'export const Discard = null;',
    };
    expect(await load(files)).toBe(api.Discard);
  });
});

describe('loading again', () => {
  it('gives the same module, or a fresh one when asked', async () => {
    const folder = await folderOf({ 'job.ts': 'export default { made: performance.now() };' });
    const file = path.join(folder, 'job.ts');
    const first = (await loadModule(file)).default;
    expect((await loadModule(file)).default).toBe(first);
    expect((await loadModule(file, { fresh: true })).default).not.toEqual(first);
  });

  it('sees what has changed on disk', async () => {
    const folder = await folderOf();
    const file = path.join(folder, 'job.ts');
    for (const version of [1, 2]) {
      await writeFiles(folder, { 'job.ts': `enum Version { Now = ${version} }\nexport default Version.Now;` });
      expect((await loadModule(file, { fresh: true })).default).toBe(version);
    }
  });

  it('takes any file name', async () => {
    expect(await load({ 'a folder/100% #1?.ts': 'export default 7;' })).toBe(7);
  });
});
