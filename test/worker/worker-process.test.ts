import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { startWorkerProcess } from '../../src/worker/supervisor/worker-process.ts';

it('one that has just been killed passes for that, also when it is told something in the same moment', async () => {
  // It says its process id as the jobs that it holds, and waits.
  const code = `process.send({ kind: 'holders', holders: [String(process.pid)], queues: [] }); process.send({ kind: 'ready' });
    process.on('message', () => {});`;
  const child = startWorkerProcess({ program: process.execPath, args: ['-e', code], env: {} });
  await child.ready;
  child.kill();
  // Its end is not heard of before this turn is over, but it cannot be written to any more.
  spawnSync('sleep', ['0.3']);
  child.tell({ kind: 'stop' });
  child.tell({ kind: 'stop-now' });
  expect(await child.ended).toMatchObject({
    cause: 'supervisor',
    how: 'SIGKILL',
    holders: [expect.stringMatching(/^\d+$/)],
  });
});
