import fs from 'node:fs';
import path from 'node:path';
import { ASSETS } from '../../src/server/assets.ts';
import { PACKAGE_LIST } from '../redis/pack-redis.ts';
import { ROOT } from './targets.ts';

/** Something by others that is inside what we hand out. */
export interface Component {
  name: string;
  version: string;
  /** See https://github.com/package-url/purl-spec */
  purl: string;
  /** As its authors name it, an SPDX expression as a rule. */
  licence?: string;
  /** What its licence says. */
  text: string;
  /** Of the archive that it came in, in hex. */
  sha512?: string;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)\b/i;

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** The npm packages that are in the bundle, and those whose files the server hands out. */
export function bundledComponents(folders: readonly string[]): Component[] {
  const assets = Object.values(ASSETS).map((row) => `node_modules/${row.package}`);
  return [...new Set([...folders, ...assets])].toSorted().map(npmComponent);
}

/** Node, from the folder of its npm package. */
export function nodeComponent(folder: string): Component {
  const { version } = readJson<Manifest>(path.join(folder, 'package.json'));
  const text = fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8');
  return { name: 'node', version, purl: `pkg:generic/node@${version}`, licence: 'MIT', text };
}

/** The Debian packages that a packed redis-server was made from. */
export function debianComponents(folder: string, architecture: string): Component[] {
  const packages = readJson<{ name: string; version: string }[]>(path.join(folder, PACKAGE_LIST));
  return packages.map(({ name, version }) => ({
    name,
    version,
    purl: `pkg:deb/debian/${name.replaceAll('+', '%2B')}@${encodeURIComponent(version)}?arch=${architecture}`,
    text: fs.readFileSync(path.join(folder, 'licences', `${name}.txt`), 'utf8'),
  }));
}

/** The licences that the texts of Debian packages only name: name to text. */
export const commonLicences = (folder: string): Record<string, string> =>
  Object.fromEntries(
    fs
      .globSync('licences/common/*.txt', { cwd: folder })
      .toSorted()
      .map((file) => [path.basename(file, '.txt'), fs.readFileSync(path.join(folder, file), 'utf8')]),
  );

function npmComponent(folder: string): Component {
  const root = path.join(ROOT, folder);
  const { name, version, license } = readJson<Manifest>(path.join(root, 'package.json'));
  const files = fs
    .readdirSync(root)
    .filter((file) => LICENCE_FILE.test(file))
    .toSorted();
  const texts = files.map((file) => fs.readFileSync(path.join(root, file), 'utf8').trim());
  const integrity = lockedPackages()[folder]?.integrity;
  return {
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license && { licence: license }),
    text: texts.join('\n\n') || `The package has no text of its licence (${license ?? 'unknown'}).`,
    ...(integrity?.startsWith('sha512-') && { sha512: Buffer.from(integrity.slice(7), 'base64').toString('hex') }),
  };
}

const lockedPackages = (): Record<string, { integrity?: string }> =>
  readJson<{ packages: Record<string, { integrity?: string }> }>(path.join(ROOT, 'package-lock.json')).packages;

const readJson = <Value>(file: string): Value => JSON.parse(fs.readFileSync(file, 'utf8')) as Value;
