import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECLARATIONS } from '../../commands/init/declarations.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TYPES = [
  'Backoff',
  'ConfigInput',
  'Duration',
  'HandlerContext',
  'HandlerOptions',
  'JobInfo',
  'JobLog',
  'JobOptions',
  'OnceStep',
];
let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-declarations-'));
  fs.writeFileSync(path.join(folder, 'jobqueue.d.ts'), DECLARATIONS);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What the compiler says of a module that sees the sources as `Ours` and the written declarations as `Written`. */
function compile(text: string): string {
  const file = path.join(folder, 'check.ts');
  const sources = JSON.stringify(path.join(ROOT, 'src/index.ts'));
  fs.writeFileSync(
    file,
    `/// <reference path="./jobqueue.d.ts" />\nimport type * as Ours from ${sources};\nimport type * as Written from 'jobqueue';\n${text}\n`,
  );
  const flags = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024',
  ];
  const more = [
    '--allowImportingTsExtensions',
    '--types',
    'node',
    '--typeRoots',
    path.join(ROOT, 'node_modules/@types'),
  ];
  try {
    return execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...more, file], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

describe('the types that jq init writes are those of src/index.ts', () => {
  it('by name', () => {
    const exported = [
      ...fs.readFileSync(path.join(ROOT, 'src/index.ts'), 'utf8').matchAll(/export (?:type )?\{([^}]*)\}/g),
    ]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.replace('type ', '').trim())
      .filter(Boolean);
    const written = [...DECLARATIONS.matchAll(/^ {2}export (?:type|interface|const|function|class) (\w+)/gm)].map(
      ([, name]) => name!,
    );
    expect([...new Set(written)].toSorted()).toEqual(exported.toSorted());
    expect(exported).toEqual(expect.arrayContaining(TYPES));
  });

  it('by shape, both ways', () => {
    const both = (ours: string, written: string, name: string) =>
      `export const out_${name} = (value: ${ours}): ${written} => value;\nexport const in_${name} = (value: ${written}): ${ours} => value;`;
    const checks = [
      ...TYPES.map((name) => both(`Ours.${name}`, `Written.${name}`, name)),
      ...TYPES.filter((name) => name !== 'Duration').map((name) =>
        both(`Exact<Ours.${name}>`, `Exact<Written.${name}>`, `exact_${name}`),
      ),
      both('Ours.Handler<{ a: 1 }, 2>', 'Written.Handler<{ a: 1 }, 2>', 'Handler'),
      ...['defineConfig', 'defineHandler', 'Discard', 'Snooze'].map((name) =>
        both(`typeof Ours.${name}`, `typeof Written.${name}`, name),
      ),
    ];
    // Optional properties that only one side has would pass as assignable: their names are compared too.
    const exact = 'type Exact<T> = { [K in keyof T]-?: 0 } & { all: keyof T };';
    expect(compile([exact, ...checks].join('\n'))).toBe('');
  });

  it('and a difference would be seen', () => {
    expect(compile('export const wrong = (value: Ours.JobInfo): Written.JobOptions & { id: 7 } => value;')).toMatch(
      /TS2322/,
    );
  });
});
