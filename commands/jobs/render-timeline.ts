import type { JobDetail } from '../../src/jobs/job.ts';
import { timelineOf } from '../../src/jobs/timeline.ts';
import { now } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import { cleanLine, grouped, pad } from '../../src/lib/text.ts';
import { agoTime, isoTime } from '../../src/lib/time.ts';

/** So many log lines stand in the timeline; the others are a command away. */
const LOG_LINES = 20;

/** Everything that is known to have happened to a job, in order, one line each; `relative`: also how long ago. */
export function renderTimeline(job: JobDetail, relative: boolean): string[] {
  const lines = timelineOf(job, LOG_LINES).map(({ at, what, details }) => {
    const time = pad(at ? isoTime(at.getTime()) : '–', 24);
    const words = [pad(what, 11), ...details.map(cleanLine), relative && at ? sinceOrUntil(at) : ''];
    return `${time}  ${words.filter(Boolean).join('  ')}`.trimEnd();
  });
  const hidden = job.logs.length - LOG_LINES;
  return hidden > 0
    ? [...lines, `… and ${grouped(hidden)} log lines before: jq jobs logs ${cleanLine(job.id)}`]
    : lines;
}

function sinceOrUntil(at: Date): string {
  const left = at.getTime() - now();
  return left > 0 ? `(in ${renderApproximateDuration(left)})` : `(${agoTime(at.getTime())})`;
}
