import fs from 'node:fs';
import { expect, it } from 'vitest';
import { MANUAL, renderManual } from '../../scripts/docs/render-manual.ts';

it('the tables of the manual say what the tables of the program say', async () => {
  const text = fs.readFileSync(MANUAL, 'utf8');
  expect(await renderManual(text), 'run: npm run docs').toBe(text);
});
