import fs from 'node:fs';
import path from 'node:path';
import type { Component } from './components.ts';
import { ROOT } from './targets.ts';

const RULE = '='.repeat(100);

/** Our licence, those of all that is inside, and the texts that some of them only name. */
export function renderLicences(
  components: readonly Component[],
  common: Readonly<Record<string, string>> = {},
): string {
  const own = fs.readFileSync(path.join(ROOT, 'LICENSE'), 'utf8');
  return [
    section('jobqueue', own),
    ...components.map(({ name, version, licence, text }) =>
      section([`${name} ${version}`, licence].filter(Boolean).join(', '), text),
    ),
    ...Object.entries(common).map(([name, text]) => section(`/usr/share/common-licenses/${name}`, text)),
  ].join('\n');
}

const section = (title: string, text: string): string => `${RULE}\n${title}\n${RULE}\n\n${text.trim()}\n`;
