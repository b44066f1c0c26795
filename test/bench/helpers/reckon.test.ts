import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withReckoned } from './reckon.ts';

const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../../docs/performance.md'), 'utf8');

it('finds on the page what is reckoned from the figures on the page', () => {
  expect(withReckoned(page)).toBe(page);
});

it('reckons anew from other figures', () => {
  const other = page.replace(/(as jq serve: processor time of Redis[ |]+)[\d.]+/, '$1100.0');
  expect(other).not.toBe(page);
  expect(withReckoned(other)).toContain('only stores: 1 s / 100 µs');
  expect(withReckoned(other)).toMatch(/only stores: 1 s \/ 100 µs +\| +10,000 \|/);
});

it('says which figure is missing', () => {
  expect(() => withReckoned(page.replaceAll('| fleet ', '| other '))).toThrow(
    'The page has no figure for fleet: ^Cluster, one queue',
  );
});
