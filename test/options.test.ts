import { describe, expect, it } from 'vitest';
import { type Option, OPTIONS, QUEUE_NAME } from '../src/options.ts';

const rows = Object.entries<Option>(OPTIONS);

describe('the table of options', () => {
  it.each(rows)('%s is described, and its default fits its kind', (_key, option) => {
    expect(option.description).toMatch(/^[A-Z].*[^.]$/);
    expect(option.default === undefined || option.kind.parse(option.default) !== undefined).toBe(true);
  });

  it.each(rows.filter(([, { env }]) => env))('%s takes its text from the environment as from the file', (_key, row) => {
    const value = row.default === undefined ? undefined : row.kind.parse(row.default);
    const text = value === undefined ? undefined : row.kind.render(value);
    expect(text === undefined ? undefined : row.kind.parse(text)).toEqual(value);
  });

  it.each(['flag', 'env'] as const)('names no %s twice', (column) => {
    const names = rows.flatMap(([, option]) => option[column] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(5);
  });

  it('hides every value that may hold a password', () => {
    expect(rows.filter(([, { secret }]) => secret).map(([key]) => key)).toEqual(['redis.url']);
  });
});

describe('a queue name', () => {
  it.each(['default', 'mail', 'Mail.v2', 'a-b_c.d', '9', 'x'.repeat(64)])('may be %s', (name) =>
    expect(name).toMatch(QUEUE_NAME),
  );
  it.each(['', 'a b', 'a:b', 'a/b', '../a', '-a', '.a', '_a', 'a\n', 'ä', '*', '{a}', 'x'.repeat(65)])(
    'may not be %j',
    (name) => expect(name).not.toMatch(QUEUE_NAME),
  );
});
