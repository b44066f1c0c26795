import { describe, expect, it } from 'vitest';
import { assign, parseAssignment, renderAssignment } from '../../src/lib/assignment.ts';
import { type Json, parseExactJson } from '../../src/lib/json.ts';

describe('parseAssignment', () => {
  it.each<[string, string[], Json]>([
    ['a=1', ['a'], 1],
    ['user.id=x', ['user', 'id'], 'x'],
    ['a=', ['a'], ''],
    ['a==b', ['a'], '=b'],
    ['items.0={"x":[null]}', ['items', '0'], { x: [null] }],
    ['note="7"', ['note'], '7'],
    ['to=ada@example.com', ['to'], 'ada@example.com'],
  ])('%s', (text, path, value) => {
    expect(parseAssignment(text)).toEqual({ path, value });
    expect(parseAssignment(renderAssignment({ path, value }))).toEqual({ path, value });
  });

  it.each(['', 'a', '=1', 'a..b=1', '.a=1'])('refuses %j', (text) => expect(parseAssignment(text)).toBeUndefined());
});

describe('assign', () => {
  const set = (value: Json, ...texts: string[]) =>
    assign(
      value,
      texts.map((text) => parseAssignment(text)!),
    );

  it('changes what is named and nothing else, in order', () => {
    const before = { a: { b: 1, c: [1, { d: 2 }] }, e: null };
    expect(JSON.stringify(set(before, 'a.c.1.d=3', 'a.c.2=x', 'e.f=true', 'g.h=1'))).toBe(
      '{"a":{"b":1,"c":[1,{"d":3},"x"]},"e":{"f":true},"g":{"h":1}}',
    );
    expect(before).toEqual({ a: { b: 1, c: [1, { d: 2 }] }, e: null });
    expect(assign(before, [{ path: [], value: 7 }])).toBe(7);
  });

  it('takes prototypes for what they are: keys', () => {
    const changed = set({}, '__proto__.polluted=true', 'constructor.x=1') as object;
    expect(Object.keys(changed)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each(['a.b=1', 'list.5=1', 'list.x=1', 'list.-1=1'])('refuses a path that leads nowhere: %s', (text) => {
    expect(() => set({ a: 'text', list: [1] }, text)).toThrow(/^Cannot set /);
  });
});

it('parseExactJson keeps integers that are too large for a number', () => {
  const text = '{"a":12345678901234567890,"b":[-9007199254740993,1.5,9007199254740991],"c":"12345678901234567890"}';
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
});
