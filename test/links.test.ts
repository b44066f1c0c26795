import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const PAGES = ['README.md', 'CHANGELOG.md', ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)];

it.each(PAGES.filter((page) => page.endsWith('.md')))('every file that %s links to is there', (page) => {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  const files = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, file]) => file!);
  expect(files.filter((file) => !fs.existsSync(path.join(ROOT, path.dirname(page), file)))).toEqual([]);
});
