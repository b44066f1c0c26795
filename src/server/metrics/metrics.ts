import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { findQueues } from '../../broker/queues.ts';
import { readLoad } from '../../broker/read-load.ts';
import { JobQueueError } from '../../errors.ts';
import type { Project } from '../../jobs/project.ts';
import { versions } from '../../lib/version.ts';
import type { Answered } from '../answered.ts';
import { createRequestTimes } from './request-times.ts';
import { sampleLoad, type Samples } from './samples.ts';
import { type MetricName, type MetricRow, METRICS } from './table.ts';

/** What `/metrics` shows. */
export interface Metrics {
  /** Measures a request that the application answered. */
  observe(answered: Answered): void;
  /** All metrics in Prometheus' text format; without Redis, those of this process. */
  render(): Promise<string>;
}

let processRegistry: Registry | undefined;

/** Those of the process, however many servers it has: they are measured from the first call on, and nothing ends that. */
function processMetrics(): Registry {
  if (!processRegistry) collectDefaultMetrics({ register: (processRegistry = new Registry()) });
  return processRegistry;
}

/** Prometheus' text format. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export function createMetrics(project: Project): Metrics {
  const requests = createRequestTimes();
  return {
    observe: requests.add,
    async render() {
      const { jobqueue, bullmq } = versions();
      const samples: Samples = {
        jobqueue_build_info: [{ labels: { version: jobqueue, bullmq, node: process.version }, value: 1 }],
        jobqueue_http_request_duration_seconds: requests.samples(),
        ...(await readSamples(project)),
      };
      return Registry.merge([toRegistry(samples), processMetrics()]).metrics();
    },
  };
}

async function readSamples({ broker, config }: Project): Promise<Samples> {
  try {
    const load = await readLoad(broker, (known) => [
      ...new Set([...Object.keys(config.values.queues), ...known.toSorted()]),
    ]);
    // It may walk over all keys, so a scrape does not wait for it: a queue of another program shows in the next one.
    findQueues(broker).catch(() => {});
    return sampleLoad(load);
  } catch (error) {
    if (error instanceof JobQueueError && error.httpStatus === 503) {
      return { jobqueue_redis_up: [{ labels: {}, value: 0 }] };
    }
    throw error;
  }
}

/** prom-client's own metrics count by themselves; these were counted by us, and it only writes them down. */
function toRegistry(samples: Samples): Registry {
  const registry = new Registry();
  for (const [name, { type, help }] of Object.entries(METRICS) as [MetricName, MetricRow][]) {
    const values = (samples[name] ?? []).map(({ labels, value, suffix }) => ({
      labels,
      value,
      metricName: name + (suffix ?? ''),
    }));
    registry.registerMetric({ name, type, help, get: async () => ({ name, type, help, values }) } as unknown as Metric);
  }
  return registry;
}
