import fs from 'node:fs';
import path from 'node:path';
import { embeddedLongText, isSingleExecutable } from './embedded.ts';

const NAME = 'licences.txt';

/** The licences of this program and of all that is inside it: in the executable, or beside the program of the npm package. */
export function licenceTexts(): string {
  if (isSingleExecutable()) return embeddedLongText(NAME);
  const file = path.join(import.meta.dirname, NAME);
  return fs.existsSync(file)
    ? fs.readFileSync(file, 'utf8')
    : 'This was built from sources: each package in node_modules has its own.\n';
}
