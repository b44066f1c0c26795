import fs from 'node:fs';
import path from 'node:path';

const FILE = path.join(import.meta.dirname, '../../deploy/redis/users.acl');

/** The users that Redis should have, as Redis reads them. */
export const readAcl = (): string => fs.readFileSync(FILE, 'utf8');

/** What one of them may do, after its name and password. */
export function rulesOf(user: string): string {
  const rules = new RegExp(`^user ${user} on >\\S+ (.*)$`, 'm').exec(readAcl())?.[1];
  if (rules === undefined) throw new Error(`Expected a user ${user} in ${FILE}`);
  return rules;
}
