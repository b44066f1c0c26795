import v8 from 'node:v8';
import { Command } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { keepCommandsYoung } from '../../src/broker/young-commands.ts';

v8.setFlagsFromString('--allow-natives-syntax');
const isYoung = new Function('object', 'return %InYoungGeneration(object)') as (object: unknown) => boolean;

// When this fails, ioredis or V8 do better by now, and all that is tested here can go.
it('is needed: the function that rejects a command of ioredis is old from the start', () => {
  expect(isYoung(new Command('get', ['key']).reject)).toBe(false);
});

describe('a command that is kept young', () => {
  const make = (name: string, args: string[], options = {}): Command => {
    keepCommandsYoung();
    return new Command(name, args, { replyEncoding: 'utf8', ...options });
  };

  it('is young with all that belongs to it', () => {
    const command = make('get', ['key']);
    for (const part of [command, command.reject, command.resolve, command.promise, command.args]) {
      expect(isYoung(part)).toBe(true);
    }
  });

  it('resolves with the reply, in the encoding that was asked for', async () => {
    const command = make('get', ['key']);
    command.resolve(Buffer.from('wörth'));
    expect(await command.promise).toBe('wörth');
    expect(command).toMatchObject({ isResolved: true, isSettled: true });
  });

  it('rejects with the error, and stays so', async () => {
    const command = make('get', ['key']);
    command.setTimeout(60_000);
    command.reject(new Error('broken'));
    command.resolve(Buffer.from('late'));
    await expect(command.promise).rejects.toThrow('broken');
    expect(command.isSettled).toBe(true);
  });

  it('times out', async () => {
    const command = make('get', ['key']);
    command.setTimeout(5);
    await expect(command.promise).rejects.toThrow('Command timed out');
  });

  it('turns its arguments and its reply into what ioredis makes of them', async () => {
    const command = make('hset', ['key', { a: 1 } as unknown as string]);
    expect(command.args).toEqual(['key', 'a', '1']);
    const all = make('hgetall', ['key']);
    all.resolve([Buffer.from('a'), Buffer.from('1')]);
    expect(await all.promise).toEqual({ a: '1' });
  });

  it('still calls back, and still tells where it was called when that is wanted', async () => {
    const told = new Promise((resolve) => {
      keepCommandsYoung();
      const command = new Command('get', ['key'], { replyEncoding: 'utf8' }, (...answer) => resolve(answer));
      command.resolve(Buffer.from('value'));
    });
    expect(await told).toEqual([null, 'value']);
    const command = make('get', ['key'], { errorStack: new Error('at the call') });
    const failure = new Error('broken');
    command.reject(failure);
    await expect(command.promise).rejects.toBe(failure);
  });
});
