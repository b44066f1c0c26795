import type { Json } from './json.ts';

/** Names under which people keep what is nobody else's business, without `-` and `_`. */
const SECRETS = new Set([
  'apikey',
  'authorization',
  'card',
  'cardnumber',
  'cookie',
  'cvc',
  'idempotencykey',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'setcookie',
  'token',
  'accesstoken',
  'refreshtoken',
  'clientsecret',
  'xapikey',
]);

export const MASK = '****';

/** Whether the value of a field with this name must not be logged. */
export function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const secret = SECRETS.has(name.replace(/[-_]/g, '').toLowerCase());
  if (judged.size < MOST_JUDGED) judged.set(name, secret);
  return secret;
}

/** Most programs have few names, and log them all the time; others may have any number. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 1000;

/** How deep it looks: what is logged on purpose is flat, and all of it is logged often. */
const DEPTH = 4;

/** The same fields, the values of those that are secret by their name masked. What holds none is not copied. */
export function maskSecrets<Fields extends object>(fields: Fields, depth = DEPTH): Fields {
  let masked: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name as keyof Fields] as unknown;
    const safe = isSecret(name) ? MASK : isPlain(value) && depth > 1 ? maskSecrets(value, depth - 1) : value;
    if (safe === value) continue;
    masked ??= { ...fields } as Record<string, unknown>;
    masked[name] = safe;
  }
  return (masked ?? fields) as Fields;
}

/** Errors and the like know themselves how they are logged. */
function isPlain(value: unknown): value is object {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Deeper than anybody looks; what comes from a job may be an attack on the stack. */
const DEEPEST = 100;

/** JSON with the values that are secret by their name masked, in lists and at any depth. */
export function maskJson(value: Json, depth = DEEPEST): Json {
  if (value === null || typeof value !== 'object') return value;
  if (depth === 0) return MASK;
  if (Array.isArray(value)) return value.map((each) => maskJson(each, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isSecret(name) ? MASK : maskJson(each, depth - 1)]),
  );
}
