import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { folderOf } from '../helpers/write-files.ts';

it('says nothing to the person who runs it about how files are loaded', async () => {
  const folder = await folderOf({
    'package.json': '{}',
    'plain.js': 'export default 1;',
    'typed.ts': 'export default 1 as number;',
    'namespace.ts': 'namespace Sizes { export const large = 2; }\nexport default Sizes.large;',
  });
  const loader = path.resolve(import.meta.dirname, '../../src/loader/load-module.ts');
  const program = `
    import { loadModule } from ${JSON.stringify(loader)};
    for (const name of ['plain.js', 'typed.ts', 'namespace.ts']) await loadModule(${JSON.stringify(`${folder}/`)} + name);
    process.emitWarning('something else');`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stderr).toMatch(/^\(node:\d+\) Warning: something else\n\(Use [^\n]*\n$/);
});
