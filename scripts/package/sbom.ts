import fs from 'node:fs';
import path from 'node:path';
import type { Component } from './components.ts';
import { ROOT } from './targets.ts';

/** The bill of materials, in CycloneDX' JSON. It names no time and no serial number: the same build gives the same text. */
export function renderSbom(components: readonly Component[], target: string): string {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const own = `pkg:generic/${name}@${version}?platform=${target}`;
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name,
        version,
        purl: own,
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
    components: components.map(({ name, version, purl, licence, sha512 }) => ({
      type: name === 'node' ? 'platform' : 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(licence && { licenses: [{ expression: licence }] }),
      ...(sha512 && { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
    })),
    dependencies: [{ ref: own, dependsOn: components.map(({ purl }) => purl) }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
