import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../commands/index.ts';
import programFor from '../../scripts/build/program-for.cjs';
import { renderManPage } from '../../scripts/docs/render-man.ts';
import { neededBy } from '../../scripts/elf/elf.ts';
import { stripSymbols } from '../../scripts/elf/strip-symbols.ts';
import { renderLicences } from '../../scripts/package/licences.ts';
import { bundledComponents } from '../../scripts/package/components.ts';
import { renderSbom } from '../../scripts/package/sbom.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-parts-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

it.each([
  ['enqueue order --quiet', 'enqueue'],
  ['--quiet enqueue order', 'program'],
  ['work', 'program'],
])('"jq %s" is run by %s', (line, program) => {
  expect(programFor(line.split(' '))).toBe(program);
});

describe.runIf(process.platform === 'linux')('an ELF program', () => {
  it('is smaller without its symbols, and runs', () => {
    const node = fs.readFileSync(process.execPath);
    const stripped = stripSymbols(node);
    expect(stripped.length).toBeLessThan(node.length);
    expect(neededBy(stripped)).toEqual(neededBy(node));
    const file = path.join(folder, 'node');
    fs.writeFileSync(file, stripped, { mode: 0o755 });
    expect(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim()).toBe(process.version);
  });

  it('names the libraries that it needs', () => {
    expect(neededBy(fs.readFileSync(process.execPath))).toContain('libc.so.6');
    expect(() => neededBy(Buffer.from('#!/bin/sh\n'))).toThrow('ELF');
  });
});

it('the manual page has every command', () => {
  const page = renderManPage();
  const shown = COMMANDS.filter((row) => 'subcommands' in row || !row.hidden);
  for (const { name } of shown) expect(page).toMatch(new RegExp(`^\\.SS jq ${name}\\b`, 'm'));
  expect(page).not.toContain('__worker');
});

it.runIf(spawnSync('groff', ['--version']).status === 0)('groff sets the manual page without a warning', () => {
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-'], {
    input: renderManPage(),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.length).toBeGreaterThan(10_000);
});

it('names what is inside, with licence and version', () => {
  const components = bundledComponents(['node_modules/bullmq']);
  const bill = JSON.parse(renderSbom(components, 'linux-x64')) as { components: { purl: string }[] };
  expect(bill.components.map(({ purl }) => purl)).toEqual([
    expect.stringMatching(/^pkg:npm\/%40bull-board\/ui@/),
    expect.stringMatching(/^pkg:npm\/%40fastify\/swagger-ui@/),
    expect.stringMatching(/^pkg:npm\/bullmq@/),
  ]);
  expect(renderLicences(components)).toMatch(/bullmq [\d.]+, MIT\n=+\n\nMIT/i);
});

describe('install.sh', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/package/install.sh');
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return file;
  };
  const install = (...words: string[]) => {
    const file = write('new/jq', "echo 'jq 9.9.9 (job queue) node 24'");
    const env = { PATH: `${folder}/prefix/bin:/usr/bin:/bin`, HOME: folder };
    const { status, stdout, stderr } = spawnSync('sh', [script, '--prefix', `${folder}/prefix`, ...words, file], {
      encoding: 'utf8',
      env,
    });
    return { status, said: stdout + stderr };
  };

  it('installs jq and jobq, again over its own', () => {
    for (let time = 0; time < 2; time += 1) {
      expect(install()).toEqual({ status: 0, said: expect.stringContaining('the first one on your PATH') });
    }
    expect(fs.readlinkSync(path.join(folder, 'prefix/bin/jobq'))).toBe('jq');
  });

  it('leaves another jq alone, unless it is told to', () => {
    const other = write('prefix/bin/jq', 'echo jq-1.7');
    expect(install()).toEqual({ status: 1, said: expect.stringContaining('left alone') });
    expect(fs.readFileSync(other, 'utf8')).toContain('jq-1.7');
    expect(fs.existsSync(path.join(folder, 'prefix/bin/jobq'))).toBe(false);
    expect(install('--force').status).toBe(0);
    expect(fs.readFileSync(other, 'utf8')).toContain('job queue');
  });
});
