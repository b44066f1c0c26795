import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { nameSparingly } from '../../scripts/build/name-sparingly.ts';

const bundled = (source: string): string =>
  nameSparingly(transformSync(source, { keepNames: true, minify: true, format: 'cjs', target: 'node24' }).code);

// eslint-disable-next-line no-new-func -- a bundle is a text
const run = (source: string): unknown =>
  new Function('module', 'exports', `${bundled(source)};return module.exports`)({}, {});

it('leaves every class its name, however often one is made, and the functions of modules theirs', () => {
  const source = `
    class FirstError extends Error {}
    function first() {}
    const makeError = () => class SecondError extends Error {};
    module.exports = [FirstError.name, first.name, makeError.name, Array.from({ length: 200 }, makeError).every((each) => each.name === 'SecondError')];
  `;
  expect(run(source)).toEqual(['FirstError', 'first', 'makeError', true]);
});

it('gives functions that are made again and again no name any more', () => {
  const source = `
    const make = () => { function handler() {} return handler; };
    const names = Array.from({ length: 200 }, () => make().name);
    module.exports = [names[0], names[199]];
  `;
  const [early, late] = run(source) as string[];
  expect(early).toBe('handler');
  expect(late).not.toBe('handler');
});

it('says so when the bundle looks otherwise', () => {
  expect(() => nameSparingly('function n(e,t){return d(e,"name",{value:t})}')).toThrow(
    'Expected the helper of keepNames',
  );
  expect(nameSparingly('var a=1;')).toBe('var a=1;');
});
