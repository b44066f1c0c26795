import { describe, expect, it } from 'vitest';
import { completeFilter } from '../../commands/completion/complete-filter.ts';
import { completeWords } from '../../commands/completion/complete-words.ts';

const words = (...typed: string[]) => {
  const offer = completeWords(typed);
  return typeof offer === 'string' ? offer : offer.map((each) => each.word);
};

describe('completeWords', () => {
  it('commands, then those of a group', () => {
    expect(words('')).toEqual(expect.arrayContaining(['enqueue', 'work', 'dlq', 'help']));
    expect(words('')).not.toContain('__complete');
    expect(words('jobs', '')).toEqual([
      'list',
      'find',
      'show',
      'logs',
      'retry',
      'cancel',
      'promote',
      'edit',
      'duplicate',
      'remove',
    ]);
    expect(words('dlq', 're')).toEqual(['replay', 'remove']);
    expect(words('nonsense', '')).toEqual([]);
  });

  it('flags of the command, of every command, and from the option table', () => {
    expect(words('enqueue', '--dry')).toEqual([]);
    expect(words('enqueue', '--de')).toEqual(['--delay', '--dedupe']);
    expect(words('work', '--co')).toEqual(['--config', '--color', '--concurrency']);
    expect(words('--re')).toEqual(['--redis']);
  });

  it('the value of a flag, and the words around it', () => {
    expect(words('jobs', 'list', '--status', 'f')).toEqual(['failed']);
    expect(words('stats', '--output', 'js')).toEqual(['json', 'jsonl']);
    expect(words('--config', '')).toBe('files');
    expect(words('enqueue', 'order', '--queue', '')).toBe('queues');
    expect(words('work', '--queues', '')).toBe('queues');
    expect(words('enqueue', '--delay', '')).toEqual([]);
    // What follows a flag that takes no word of its own is an argument.
    expect(words('enqueue', '--wait', '')).toBe('types');
    expect(words('enqueue', '--delay', '5m', '')).toBe('types');
    expect(words('enqueue', 'order', '')).toEqual([]);
    expect(words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(words('help', 'exit-codes', 'f')).toEqual(['filters']);
  });
});

describe('completeFilter', () => {
  const filters = (filter: string) => completeFilter(filter).map(({ word }) => word);

  it('names of fields, also behind other terms and a negation', () => {
    expect(filters('')).toEqual(expect.arrayContaining(['type:', 'payload:', 'since:']));
    expect(filters('sta')).toEqual(['state:', 'status:']);
    expect(filters('type:a !qu')).toEqual(['type:a !queue:']);
  });

  it('the words of a field that has some', () => {
    expect(filters('status:p')).toEqual(['status:pending', 'status:processing']);
    expect(filters('type:a state:del')).toEqual(['type:a state:delayed']);
    expect(filters('type:a')).toEqual([]);
  });
});
