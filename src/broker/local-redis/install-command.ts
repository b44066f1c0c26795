import fs from 'node:fs';

/** How each system installs a redis-server, by the `ID` or `ID_LIKE` words of its os-release file. */
const INSTALL_COMMANDS: Readonly<Record<string, string>> = {
  debian: 'sudo apt-get install redis-server',
  ubuntu: 'sudo apt-get install redis-server',
  fedora: 'sudo dnf install valkey',
  rhel: 'sudo dnf install valkey',
  suse: 'sudo zypper install redis',
  arch: 'sudo pacman -S valkey',
  alpine: 'sudo apk add redis',
  darwin: 'brew install redis',
};

/** The command that installs a redis-server on this system; where none is known, a sentence that says what is needed. */
export function redisInstallCommand(): string {
  const words = process.platform === 'linux' ? distributionWords() : [process.platform];
  const known = words.find((word) => word in INSTALL_COMMANDS);
  return (known && INSTALL_COMMANDS[known]) ?? 'install redis-server or valkey-server, 6.2 or newer';
}

function distributionWords(): string[] {
  let release: string;
  try {
    release = fs.readFileSync('/etc/os-release', 'utf8');
  } catch {
    return [];
  }
  return ['ID', 'ID_LIKE'].flatMap((key) => {
    const value = new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(release)?.[1] ?? '';
    return value.split(' ').filter((word) => word !== '');
  });
}
