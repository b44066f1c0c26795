import fs from 'node:fs';
import { vi } from 'vitest';

const WITHIN = { timeout: 20_000, interval: 10 };

export function isAlive(pid: number): boolean {
  try {
    // A zombie is dead, and waits only for somebody to notice.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The number that a process writes into a file, once it has. */
export function readPid(file: string): Promise<number> {
  return vi.waitFor(() => {
    const [, pid] = /^(\d+)\n/.exec(fs.readFileSync(file, 'utf8')) ?? [];
    if (pid === undefined) throw new Error(`${file} is empty`);
    return Number(pid);
  }, WITHIN);
}
