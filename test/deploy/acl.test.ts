import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { rulesOf } from '../helpers/acl.ts';

const BROKER = path.resolve(import.meta.dirname, '../../src/broker');
/** `redis.call('LRANGE', …)`, in Lua too, and `['LRANGE', …]` of a pipeline. */
const COMMANDS = /(?:call\(|\[)\s*'([A-Z]{3,})'/g;

it('an admin of deploy/redis/users.acl may send every command that the broker names', () => {
  const granted = rulesOf('admin').matchAll(/\+(\w+)/g);
  const sources = fs
    .globSync('**/*.ts', { cwd: BROKER })
    .map((file) => fs.readFileSync(path.join(BROKER, file), 'utf8'));
  const named = new Set(sources.flatMap((text) => [...text.matchAll(COMMANDS)].map(([, name]) => name!.toLowerCase())));
  expect(named.size).toBeGreaterThan(40);
  const may = new Set([...granted].map(([, name]) => name));
  expect([...named].filter((name) => !may.has(name))).toEqual([]);
});
