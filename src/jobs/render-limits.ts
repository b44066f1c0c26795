import type { QueueSettings } from '../broker/queue-settings.ts';
import { renderDuration } from '../lib/duration.ts';

/** `3 at a time, 100/s`, or nothing. */
export function renderLimits({ concurrency, rate }: Pick<QueueSettings, 'concurrency' | 'rate'>): string {
  const per = rate && renderDuration(rate.perMs).replace(/^1(?=[a-z])/, '');
  return [concurrency === null ? '' : `${concurrency} at a time`, rate ? `${rate.max}/${per}` : '']
    .filter(Boolean)
    .join(', ');
}
