/**
 * Sees to it that there is a redis-server for the local Redis: `node scripts/vendor-redis.ts [--force]`.
 *
 * When neither the checkout nor the PATH has one, it takes that of the distribution, on Debian and its kin, with every
 * library that it needs, into `vendor/redis`: without being root, and without installing anything. `--force` does so
 * in any case.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { serverOnPath, vendoredServer, vendorFolder } from '../src/broker/local-redis/find-server.ts';
import { redisInstallCommand } from '../src/broker/local-redis/install-command.ts';
import { vendorRedis } from './redis/vendor.ts';

/** The oldest version that jobqueue accepts. */
const OLDEST_VERSION = 6.2;

function main(): void {
  const { force } = parseArgs({ options: { force: { type: 'boolean', default: false } } }).values;
  const present = vendoredServer() ?? serverOnPath(process.env);
  if (!force && present && isNewEnough(versionOf(present.command))) return;
  const began = performance.now();
  const folder = vendorFolder()!;
  vendorRedis(folder);
  const version = versionOf(vendoredServer(folder)!.command);
  if (!isNewEnough(version)) {
    fs.rmSync(folder, { recursive: true });
    throw new Error(`This distribution has Redis ${version}; ${OLDEST_VERSION} is needed`);
  }
  process.stderr.write(`vendor/redis: Redis ${version}, ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}

/** `7.0.15`; empty when the program does not run here. */
function versionOf([program, ...words]: readonly [string, ...string[]]): string {
  const { stdout } = spawnSync(program, [...words, '--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(stdout ?? '')?.[1] ?? '';
}

const isNewEnough = (version: string): boolean => Number.parseFloat(version) >= OLDEST_VERSION;

try {
  main();
} catch (error) {
  process.stderr.write(`No redis-server could be fetched: ${(error as Error).message}\n`);
  process.stderr.write(`Install one (${redisInstallCommand()}), then run this again.\n`);
  process.exitCode = 1;
}
