import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { Project } from '../../src/jobs/project.ts';
import { startWork, type WorkRuntime } from '../../src/worker/work.ts';

export type LogLine = Record<string, unknown> & { msg: string };

export interface TestWorker extends WorkRuntime {
  /** What it has logged so far. */
  readonly lines: LogLine[];
}

/** A worker in this process, which is stopped when the test ends. */
export async function startTestWorker(project: Project, options: { drain?: boolean } = {}): Promise<TestWorker> {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  const runtime = await startWork(project, { log, ...options });
  onTestFinished(() => runtime.stopNow());
  return { ...runtime, lines };
}
