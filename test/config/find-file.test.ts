import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONFIG_FILES, findConfigFile } from '../../src/config/find-file.ts';
import { folderOf } from '../helpers/write-files.ts';

const PORT = { server: { port: 4000 } };
const TYPED =
  "import { defineConfig } from 'jobqueue';\nconst port: number = 4000;\nexport default defineConfig({ server: { port } });\n";
const COMPILED = 'enum Port { Ours = 4000 }\n';

describe('every kind of file', () => {
  const kinds: Record<string, string> = {
    '.ts': TYPED,
    '.mts': TYPED,
    '.cts':
      "const { defineConfig } = require('jobqueue');\nmodule.exports = defineConfig({ server: { port: 4000 as number } });",
    '.js': "import { defineConfig } from 'jobqueue';\nexport default defineConfig({ server: { port: 4000 } });",
    '.mjs': 'export default { server: { port: 4000 } };',
    '.cjs': 'exports.__esModule = true;\nexports.default = { server: { port: 4000 } };',
    '.json': JSON.stringify(PORT),
    '.yaml': 'server:\n  port: 4000\n',
    '.yml': 'server: { port: 4000 }',
  };
  const files = Object.entries(kinds).map(([ending, text]) => [`jobqueue.config${ending}`, text] as const);

  it.each([...files, ['package.json', JSON.stringify({ name: 'shop', jobqueue: PORT })] as const])(
    'is read: %s',
    async (name, text) => {
      const folder = await folderOf({ [name]: text });
      expect(await findConfigFile(folder)).toEqual({ file: path.join(folder, name), content: PORT });
    },
  );

  it('is known to the table', () => {
    expect([...files.map(([name]) => name), 'package.json']).toEqual(CONFIG_FILES);
  });

  it('may be TypeScript that needs a compiler', async () => {
    const text = `${COMPILED}export default { server: { port: Port.Ours } };`;
    const folder = await folderOf({ 'jobqueue.config.ts': text });
    expect(await findConfigFile(folder)).toMatchObject({ content: PORT });
  });

  it('may say nothing', async () => {
    const folder = await folderOf({ 'jobqueue.config.yaml': '# nothing yet\n' });
    expect(await findConfigFile(folder, 'jobqueue.config.yaml')).toMatchObject({ content: {} });
  });
});

describe('the search', () => {
  it('goes upward to the nearest one, past a package without settings', async () => {
    const folder = await folderOf({
      'jobqueue.config.json': '{"server":{"port":1}}',
      'shop/jobqueue.config.json': JSON.stringify(PORT),
      'shop/api/package.json': '{"name":"api"}',
      'shop/api/src/index.ts': '',
    });
    const found = await findConfigFile(path.join(folder, 'shop/api/src'));
    expect(found).toEqual({ file: path.join(folder, 'shop/jobqueue.config.json'), content: PORT });
  });

  it('takes TypeScript before what may be made of it', async () => {
    const folder = await folderOf({ 'jobqueue.config.ts': TYPED, 'jobqueue.config.js': 'export default {}' });
    expect(await findConfigFile(folder)).toMatchObject({ file: path.join(folder, 'jobqueue.config.ts') });
  });

  it('finds nothing where nothing is, also not in the folder of settings of the user', async () => {
    const home = await folderOf({ 'jobqueue/config.json': JSON.stringify(PORT) });
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('XDG_CONFIG_HOME', home);
    expect(await findConfigFile(await folderOf())).toBeUndefined();
  });

  it('takes the file that was asked for, under any name', async () => {
    const folder = await folderOf({ 'jobqueue.config.json': '{}', 'config/staging.ts': TYPED });
    expect(await findConfigFile(folder, 'config/staging.ts')).toMatchObject({ content: PORT });
  });

  it('reads a file again that has changed', async () => {
    const read = async (text: string) => {
      const { writeFiles } = await import('../helpers/write-files.ts');
      await writeFiles(folder, { 'jobqueue.config.ts': text });
      return (await findConfigFile(folder))?.content;
    };
    const folder = await folderOf();
    expect(await read('export default { handlers: "a" }')).toEqual({ handlers: 'a' });
    expect(await read('export default { handlers: "b" }')).toEqual({ handlers: 'b' });
  });
});

describe('a file that cannot be read', () => {
  it.each([
    [
      'jobqueue.config.json',
      '{\n  "work": {"concurrency": 1,}\n}',
      'line 2, column 29: expected a property name in double quotes',
    ],
    ['package.json', '{"jobqueue": {]}', 'line 1, column 15: expected a property name in double quotes'],
    ['jobqueue.config.yaml', 'work:\n  grace: 1m\n concurrency: 2\n', 'bad indentation of a mapping entry (3:2)'],
    ['jobqueue.config.ts', 'export default {\n  work: {\n};\n', "line 3: Expected ',', got ';'"],
    ['jobqueue.config.ts', `${COMPILED}export default {\n  work: {\n};\n`, 'line 4: Unexpected token'],
    ['jobqueue.config.mjs', 'export default {\n  work: {\n};\n', "line 3: Unexpected token ';'"],
    ['jobqueue.config.ts', "\nthrow new Error('set PORT');\n", 'line 2: set PORT'],
    ['jobqueue.config.cjs', "\nthrow new Error('set PORT');\n", 'line 2: set PORT'],
    // The code of the error must not be taken for that of a file which is not there.
    [
      'jobqueue.config.ts',
      "import fs from 'node:fs';\nexport default JSON.parse(fs.readFileSync('/no/such/file', 'utf8'));",
      'line 2: ENOENT: no such file or directory',
    ],
  ])('says where and why: %s %j', async (name, text, reason) => {
    const folder = await folderOf({ [name]: text });
    await expect(findConfigFile(folder)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining(`Cannot load the configuration ${path.join(folder, name)}: ${reason}`) as string,
    });
  });

  it('names the module that is broken when it is another one', async () => {
    const folder = await folderOf({
      'jobqueue.config.ts': "import { port } from './settings/ports';\nexport default { server: { port } };",
      'settings/ports.ts': "export const port = 1;\nthrow new Error('no port');",
    });
    await expect(findConfigFile(folder)).rejects.toThrow(/jobqueue\.config\.ts: settings\/ports\.ts, line 2: no port$/);
  });

  it('is an error when it was asked for and is not there', async () => {
    await expect(findConfigFile(await folderOf(), 'staging.ts')).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'Cannot load the configuration staging.ts: no such file',
    });
  });

  it('is an error when it was asked for and is of no kind that is known', async () => {
    const folder = await folderOf({ 'jobqueue.config.toml': 'x = 1' });
    await expect(findConfigFile(folder, 'jobqueue.config.toml')).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
