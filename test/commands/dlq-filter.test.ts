import { describe, expect, it } from 'vitest';
import { renderSelector, selectorOf } from '../../commands/dlq/filter.ts';
import { parseCall } from '../../commands/framework/program.ts';

const NONE = {
  all: false,
  queue: undefined,
  type: undefined,
  error: undefined,
  group: undefined,
  since: undefined,
  until: undefined,
  where: undefined,
};

describe('selectorOf', () => {
  it('nothing chosen is never "all"', () => {
    expect(() => selectorOf([], NONE)).toThrow('nothing was chosen');
    expect(() => selectorOf(['a'], { ...NONE, all: true })).toThrow('Expected ids or --all, got both');
  });

  it('--all is no filter; ids and filters are one', () => {
    expect(selectorOf([], { ...NONE, all: true })).toEqual({});
    expect(selectorOf([], { ...NONE, all: true, queue: 'mail' })).toEqual({ queue: 'mail' });
    expect(selectorOf(['a'], NONE)).toEqual({ ids: ['a'] });
  });
});

describe('renderSelector', () => {
  it.each([
    [{}, 'jq dlq replay --all'],
    [{ ids: ['a', 'b;c'] }, "jq dlq replay a 'b;c'"],
    [{ queue: 'mail', error: "can't" }, "jq dlq replay --queue mail --error 'can'\\''t'"],
    [{ where: 'payload.userId:7 !queue:mail' }, "jq dlq replay --where 'payload.userId:7 !queue:mail'"],
    [{ since: Date.UTC(2030, 0, 31) }, 'jq dlq replay --since 2030-01-31T00:00:00.000Z'],
  ])('%j', (filter, line) => {
    expect(renderSelector('dlq replay', filter)).toBe(line);
  });

  it('is a command that means the same', () => {
    const filter = { type: 'order', until: Date.UTC(2030, 0, 31) };
    const call = parseCall(renderSelector('dlq replay', filter, { rate: '5/s' }).split(' ').slice(1));
    expect(call).toMatchObject({ input: { args: { ids: [] }, flags: { ...filter, all: false, rate: 5 } } });
  });
});
