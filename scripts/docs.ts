/** Writes the tables of the manual that come from the program's own tables: `node scripts/docs.ts`. */
import fs from 'node:fs';
import path from 'node:path';
import { MANUAL, renderManual } from './docs/render-manual.ts';

const file = path.resolve(import.meta.dirname, '..', MANUAL);
fs.writeFileSync(file, await renderManual(fs.readFileSync(file, 'utf8')));
