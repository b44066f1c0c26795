import { describe, expect, it } from 'vitest';
import { compileTypeScript, needsCompiling } from '../../src/loader/compile.ts';

describe('needsCompiling', () => {
  it.each([
    'enum Size { Small }',
    'export const enum Size { Small }',
    'enum Size\n{ Small }',
    'namespace Sizes { export const small = 1 }',
    'namespace A.B { export const c = 1 }',
    'class A { constructor(private a: string) {} }',
    'class A {\n  constructor(\n    // the (first) one\n    readonly a: string,\n  ) {}\n}',
    'class A { constructor(a = make(), public b: string) {} }',
    'class A { constructor(a = { b: { c: 1 } }, protected d = 2) {} }',
    'class B extends A { constructor(override a: string) { super(a) } }',
    "import fs = require('node:fs');",
    'export = 5;',
  ])('says yes to %j', (source) => expect(needsCompiling('job.ts', source)).toBe(true));

  it.each([
    'export default async (payload: { to: string }): Promise<void> => {};',
    'interface Size { readonly small: number }\nexport const size: Size = { small: 1 };',
    'class A { constructor(a: string) { this.a = a } a: string }',
    'const enumerate = (module: string) => module;',
    "import { type A } from './a.ts';\nexport default {} satisfies A;",
  ])('says no to %j, which Node can strip', (source) => expect(needsCompiling('job.ts', source)).toBe(false));

  it('says yes to JSX by its name', () => expect(needsCompiling('view.tsx', 'export default 1')).toBe(true));
});

describe('compileTypeScript', () => {
  it.each([
    ['job.mts', undefined, 'const a = 1;', 'module'],
    ['job.cts', undefined, 'export const a = 1;', 'commonjs'],
    ['job.ts', 'module-typescript', 'const a = 1;', 'module'],
    ['job.ts', 'commonjs-typescript', 'export const a = 1;', 'commonjs'],
    ['job.ts', null, 'export const a = 1;', 'module'],
    ['job.ts', null, "import fs from 'node:fs';", 'module'],
    ['job.ts', null, 'module.exports = 1;', 'commonjs'],
    ['job.ts', null, "import fs = require('node:fs');\nexport = fs;", 'commonjs'],
  ] as const)('makes of %s (%s) with %j a %s', (file, format, source, made) => {
    expect(compileTypeScript(file, source, format).format).toBe(made);
  });

  it('keeps the lines where they are', () => {
    const { source } = compileTypeScript('job.ts', 'enum A { B }\n\ninterface C {\n  d: string;\n}\nfail();', null);
    expect(source.split('\n').findIndex((line) => line.includes('fail()'))).toBe(5);
  });

  it('turns JSX into calls', () => {
    expect(compileTypeScript('view.tsx', 'export default <b>{1 as number}</b>;', null).source).toContain('_jsx');
  });

  it('says where it breaks as Node does, before the stack', () => {
    expect(() => compileTypeScript('/shop/job.ts', 'enum A { B }\nconst = 1;', null)).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        message: 'Unexpected token',
        stack: expect.stringMatching(/^\/shop\/job\.ts:2\n/) as string,
      }),
    );
  });
});
