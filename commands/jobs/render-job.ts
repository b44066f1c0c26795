import { foldFrames } from '../../src/jobs/fold-frames.ts';
import type { JobDetail } from '../../src/jobs/job.ts';
import type { Json } from '../../src/lib/json.ts';
import { cleanLine, cleanText, pad } from '../../src/lib/text.ts';
import { jsonText } from '../framework/json-text.ts';
import type { Paint, Style } from '../framework/terminal.ts';
import { renderTimeline } from './render-timeline.ts';

interface RenderOptions {
  paint: Paint;
  /** Also say how long ago it was. */
  relative: boolean;
}

const STATE_STYLES: Partial<Record<JobDetail['state'], Style>> = { completed: 'green', failed: 'red', active: 'cyan' };

/** The life of a job for people: head, timeline, then payload, result and error, each when there is one. */
export function renderJob(job: JobDetail, { paint, relative }: RenderOptions): string {
  const heading = (text: string) => paint('bold', text);
  const parts = [
    `${heading(cleanLine(job.type))}  ${paint(STATE_STYLES[job.state] ?? 'yellow', job.state)}  ${job.attempts}/${job.maxAttempts} attempts`,
    renderFacts(job),
    `${heading('Timeline')}\n${indent(renderTimeline(job, relative))}`,
    `${heading('Payload')}\n${renderJson(job.payload)}`,
    job.state === 'completed' ? `${heading('Result')}\n${renderJson(job.result)}` : '',
    job.error === null ? '' : `${heading('Error')}\n${renderError(job)}`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function renderFacts(job: JobDetail): string {
  const facts: [string, string][] = [
    ['id', job.id],
    ['queue', job.queue],
    ['priority', job.priority === 0 ? '' : String(job.priority)],
    [
      'progress',
      job.progress === 0 || job.progress === null
        ? ''
        : typeof job.progress === 'number'
          ? `${job.progress}%`
          : jsonText(job.progress),
    ],
    ['replays', job.replays === 0 ? '' : String(job.replays)],
    // More than its attempts: it was put back, snoozed, or its worker died.
    ['starts', job.starts > 0 && job.starts !== job.attempts ? String(job.starts) : ''],
  ];
  return indent(
    facts.filter(([, value]) => value !== '').map(([name, value]) => `${pad(name, 8)}  ${cleanLine(value)}`),
  );
}

function renderError(job: JobDetail): string {
  const stack = job.failures.at(-1)?.stack ?? [];
  return indent([...cleanText(job.error!).split('\n'), ...foldFrames(stack.map(cleanLine))]);
}

const renderJson = (value: Json): string => indent(jsonText(value, 2).split('\n'));
const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
