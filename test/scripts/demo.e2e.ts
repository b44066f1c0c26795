import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('the demo holds what it claims, and ends', { timeout: 90_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/demo.ts'], {
    encoding: 'utf8',
    timeout: 80_000,
  });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toContain('Nothing is left running and nothing lying about');
  expect(stdout.trimEnd()).toMatch(/All claims hold\. It took [\d.]+ s\.$/);
});
