import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Downloads the first of some packages that this Debian has, and all that it depends on down to libc, without being root and without touching
 * the system: to an apt with private folders and an empty list of installed packages, everything is missing.
 * @param architecture Debian's name of the one to download for
 * @param without packages to do without, and all that only they need: apt is told that they are there
 * @returns the `.deb` files; apt has checked their signatures
 */
export function downloadPackages(
  names: readonly string[],
  workFolder: string,
  { without = [], architecture = nativeArchitecture() }: { without?: readonly string[]; architecture?: string } = {},
): string[] {
  assertDebian();
  const [state, cache, config] = ['state', 'cache', 'apt.conf'].map((each) => path.join(workFolder, each)) as [
    string,
    string,
    string,
  ];
  fs.mkdirSync(path.join(state, 'lists', 'partial'), { recursive: true });
  fs.mkdirSync(path.join(cache, 'archives', 'partial'), { recursive: true });
  fs.writeFileSync(config, aptConfig(state, cache, architecture));
  fs.writeFileSync(path.join(state, 'status'), without.map((name) => asInstalled(name, architecture)).join('\n'));
  const apt = (...words: string[]) => execFileSync('apt-get', ['-c', config, '-qq', ...words], { stdio: 'pipe' });
  apt('update');
  const name = names.find((each) => hasPackage(config, each));
  if (name === undefined) throw new Error(`The package sources have none of ${names.join(', ')}`);
  apt('install', '--yes', '--download-only', name);
  return fs.globSync('archives/*.deb', { cwd: cache }).map((file) => path.join(cache, file));
}

/** @throws Error on a system without apt */
export function assertDebian(): void {
  if (spawnSync('apt-get', ['--version']).error) throw new Error('This system has no apt-get');
}

/** `amd64` */
export const nativeArchitecture = (): string =>
  execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();

const asInstalled = (name: string, architecture: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: 999\nArchitecture: ${architecture}\n`;

function hasPackage(config: string, name: string): boolean {
  const { status } = spawnSync('apt-cache', ['-c', config, '--quiet=2', 'show', '--no-all-versions', name]);
  return status === 0;
}

/** Read after the system's own, whose sources, keys and proxies stay. Its hooks may need root, and clean other folders. */
const aptConfig = (state: string, cache: string, architecture: string): string => `
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
Dir::State "${state}";
Dir::State::status "${path.join(state, 'status')}";
Dir::Cache "${cache}";
Acquire::Languages "none";
Acquire::Retries "5";
APT::Install-Recommends "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
${process.getuid?.() === 0 ? 'APT::Sandbox::User "root";' : ''}
`;
