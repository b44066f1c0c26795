import { describe, expect, it } from 'vitest';
import { abilitiesOf, assertScopesFit, confinesTo, type Scope, scopeList } from '../../src/jobs/scopes.ts';

describe('scopes', () => {
  it.each([
    ['read', ['read']],
    ['enqueue, read,enqueue', ['enqueue', 'read']],
    ['enqueue:mail,enqueue:a.b-c', ['enqueue:mail', 'enqueue:a.b-c']],
  ])('are read from "%s"', (text, scopes) => {
    expect(scopeList.parse(text)).toEqual(scopes);
  });

  it.each([
    '',
    ',',
    'write',
    'Read',
    'read:mail',
    'enqueue:',
    'enqueue:a:b',
    'enqueue:../x',
    'enqueue:*',
    'toString',
    'public',
  ])('are not "%s"', (text) => {
    expect(scopeList.parse(text)).toBeUndefined();
  });

  it.each<[Scope[], string[]]>([
    [['enqueue'], ['enqueue']],
    [['enqueue:mail'], ['enqueue']],
    [['operate'], ['operate', 'read']],
    [['admin'], ['admin', 'enqueue', 'operate', 'read']],
  ])('%j allows %j', (scopes, abilities) => {
    expect([...abilitiesOf(scopes)].toSorted()).toEqual(abilities);
  });

  it('confine to the queues that they name', () => {
    expect(confinesTo(['enqueue', 'read'])).toBeUndefined();
    expect(confinesTo(['enqueue:mail', 'operate', 'enqueue:bills'])).toEqual(['mail', 'bills']);
  });

  it.each<[Scope[]]>([[['admin', 'enqueue:mail']], [['enqueue:mail', 'enqueue']]])(
    '%j take back what they give',
    (scopes) => {
      expect(() => assertScopesFit(scopes)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  it('fit otherwise', () => {
    expect(() => assertScopesFit(['enqueue:mail', 'operate'])).not.toThrow();
    expect(() => assertScopesFit(['admin', 'read'])).not.toThrow();
  });
});
