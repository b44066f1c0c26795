import type { Json } from './json.ts';

/** A place in a JSON value and what is to be there. An empty path means the whole value. */
export interface Assignment {
  path: readonly string[];
  value: Json;
}

/** `user.id=7`, `items.0.price=1.5`, `to=ada@example.com`: the value is JSON where it is JSON, else a text. */
export function parseAssignment(text: string): Assignment | undefined {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).split('.');
  if (path.includes('')) return undefined;
  const value = text.slice(at + 1);
  try {
    return { path, value: JSON.parse(value) as Json };
  } catch {
    return { path, value };
  }
}

/** An assignment as it is typed. */
export function renderAssignment({ path, value }: Assignment): string {
  const plain = typeof value === 'string' && parseAssignment(`x=${value}`)!.value === value;
  return `${path.join('.')}=${plain ? value : JSON.stringify(value)}`;
}

/**
 * A value with these places changed; objects on the way are made where nothing is.
 * @throws TypeError when a path leads through something that is no object or list
 */
export const assign = (value: Json, assignments: readonly Assignment[]): Json =>
  assignments.reduce((changed, each) => put(changed, each.path, each), value);

function put(target: Json | undefined, path: readonly string[], { path: whole, value }: Assignment): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const next = (before: Json | undefined): Json => put(before, rest, { path: whole, value });
  if (Array.isArray(target)) {
    const index = /^\d+$/.test(key) ? Number(key) : -1;
    if (index >= 0 && index <= target.length) return target.toSpliced(index, 1, next(target[index]));
    throw new TypeError(`Cannot set ${whole.join('.')}: the list has ${target.length} items, and no "${key}"`);
  }
  if (target !== null && target !== undefined && typeof target !== 'object') {
    throw new TypeError(
      `Cannot set ${whole.join('.')}: "${key}" would be in ${JSON.stringify(target)}, which is no object`,
    );
  }
  const entries = Object.entries(target ?? {});
  const at = entries.findIndex(([name]) => name === key);
  const entry: [string, Json] = [key, next(entries[at]?.[1])];
  // In entries, unlike in assignments, `__proto__` is a key like any other.
  return Object.fromEntries(at === -1 ? [...entries, entry] : entries.with(at, entry));
}
