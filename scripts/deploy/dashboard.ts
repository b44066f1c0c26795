import { format, resolveConfig } from 'prettier';

/** One panel of the Grafana dashboard. */
interface Panel {
  title: string;
  kind: 'stat' | 'timeseries';
  /** Of 24 columns. */
  width: number;
  unit: string;
  /** PromQL and what its lines are called. */
  queries: readonly [expression: string, legend?: string][];
  /** From which value on it is yellow, and red. */
  thresholds?: readonly [number, number];
  stacked?: true;
}

/** Every server gives the same figures about jobs: the largest is meant, never the sum. */
const jobs = (state: string, by: string): string =>
  `sum by (${by}) (max by (queue, state) (jobqueue_jobs{queue=~"$queue",state=~"${state}"}))`;
const attempts = (outcome: string, by: string): string =>
  `sum by (${by}) (max by (queue, type, outcome) (rate(jobqueue_attempts_total{queue=~"$queue",type=~"$type",outcome=~"${outcome}"}[$__rate_interval])))`;
const quantile = (part: number, metric: string): string =>
  `histogram_quantile(${part}, sum by (le, type) (max by (le, queue, type) (rate(${metric}_bucket{queue=~"$queue",type=~"$type"}[$__rate_interval]))))`;

/** The rows of the dashboard and, in each, its panels from left to right. */
const ROWS: readonly { title: string; height: number; panels: readonly Panel[] }[] = [
  {
    title: 'At a glance',
    height: 4,
    panels: [
      stat('Waiting', 'short', `sum(${jobs('waiting|prioritized', 'queue')})`),
      stat('Running', 'short', `sum(${jobs('active', 'queue')})`),
      stat('Dead letters', 'short', `sum(${jobs('failed', 'queue')})`, [1, 100]),
      stat('Oldest waits', 's', 'max(jobqueue_queue_oldest_waiting_seconds{queue=~"$queue"})', [60, 300]),
      stat(
        'Slots in use',
        'percentunit',
        'max(jobqueue_busy_slots) / sum(max by (queue) (jobqueue_queue_slots))',
        [0.8, 0.95],
      ),
      stat(
        'Redis memory',
        'percentunit',
        'max(jobqueue_redis_memory_used_bytes) / max(jobqueue_redis_memory_max_bytes)',
        [0.7, 0.85],
      ),
    ],
  },
  {
    title: 'Jobs',
    height: 8,
    panels: [
      chart('Completed', 8, 'ops', [[attempts('completed', 'queue'), '{{queue}}']]),
      chart('Failed attempts', 8, 'ops', [[attempts('failed', 'queue, type'), '{{queue}} {{type}}']]),
      chart('Died', 8, 'short', [
        [
          'sum by (queue, type) (max by (queue, type) (increase(jobqueue_jobs_dead_total{queue=~"$queue",type=~"$type"}[$__rate_interval])))',
          '{{queue}} {{type}}',
        ],
      ]),
      {
        ...chart('By state', 12, 'short', [
          [jobs('waiting|prioritized|delayed|waiting-children|active', 'state'), '{{state}}'],
        ]),
        stacked: true,
      },
      chart('Oldest waiting job', 12, 's', [
        ['max by (queue) (jobqueue_queue_oldest_waiting_seconds{queue=~"$queue"})', '{{queue}}'],
      ]),
    ],
  },
  {
    title: 'Times',
    height: 8,
    panels: [
      chart('Run time', 12, 's', [
        [quantile(0.5, 'jobqueue_job_duration_seconds'), '{{type}} p50'],
        [quantile(0.95, 'jobqueue_job_duration_seconds'), '{{type}} p95'],
      ]),
      chart('Wait before the first start', 12, 's', [
        [quantile(0.5, 'jobqueue_job_wait_seconds'), '{{type}} p50'],
        [quantile(0.95, 'jobqueue_job_wait_seconds'), '{{type}} p95'],
      ]),
    ],
  },
  {
    title: 'Workers and Redis',
    height: 7,
    panels: [
      chart('Worker processes', 6, 'short', [['max by (state) (jobqueue_workers)', '{{state}}']]),
      chart('Slots', 6, 'short', [
        ['sum(max by (queue) (jobqueue_queue_slots))', 'all'],
        ['max(jobqueue_busy_slots)', 'in use'],
      ]),
      chart('Redis memory', 6, 'bytes', [
        ['max(jobqueue_redis_memory_used_bytes)', 'used'],
        ['max(jobqueue_redis_memory_max_bytes)', 'at most'],
      ]),
      chart('Redis round trip', 6, 's', [['jobqueue_redis_round_trip_seconds', '{{instance}}']]),
    ],
  },
  {
    title: 'jq serve',
    height: 7,
    panels: [
      chart('Requests', 8, 'reqps', [
        [
          'sum by (method, route, status) (rate(jobqueue_http_request_duration_seconds_count[$__rate_interval]))',
          '{{method}} {{route}} {{status}}',
        ],
      ]),
      chart('Time to answer, p95', 8, 's', [
        [
          'histogram_quantile(0.95, sum by (le, method, route) (rate(jobqueue_http_request_duration_seconds_bucket[$__rate_interval])))',
          '{{method}} {{route}}',
        ],
      ]),
      chart('Memory of the process', 8, 'bytes', [
        ['process_resident_memory_bytes and on (instance) jobqueue_build_info', '{{instance}}'],
      ]),
    ],
  },
];

function stat(title: string, unit: string, expression: string, thresholds?: readonly [number, number]): Panel {
  return { title, kind: 'stat', width: 4, unit, queries: [[expression]], ...(thresholds ? { thresholds } : {}) };
}

function chart(title: string, width: number, unit: string, queries: Panel['queries']): Panel {
  return { title, kind: 'timeseries', width, unit, queries };
}

/** Where the dashboard is, from the checkout. */
export const DASHBOARD = 'deploy/grafana/jobqueue.json';

/** The dashboard as Grafana imports it. */
export async function renderDashboard(): Promise<string> {
  const dashboard = {
    uid: 'jobqueue',
    title: 'jobqueue',
    description: 'Queues, jobs, workers and Redis, as jq serve reports them at /metrics.',
    tags: ['jobqueue'],
    schemaVersion: 39,
    timezone: 'browser',
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        variable('queue', 'label_values(jobqueue_jobs, queue)'),
        variable('type', 'label_values(jobqueue_attempts_total, type)'),
      ],
    },
    panels: layOut(),
  };
  return format(JSON.stringify(dashboard), { ...(await resolveConfig(DASHBOARD)), parser: 'json' });
}

const SOURCE = { type: 'prometheus', uid: '${datasource}' };

const variable = (name: string, query: string) => ({
  name,
  label: name === 'queue' ? 'Queue' : 'Type',
  type: 'query',
  datasource: SOURCE,
  query: { query, refId: name },
  definition: query,
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  current: { selected: true, text: ['All'], value: ['$__all'] },
});

/** Panels stand beside each other as long as there is room, and below the title of their row. */
function layOut(): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of ROWS) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    let x = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) [x, y] = [0, y + row.height];
      panels.push({ id: panels.length + 1, ...renderPanel(panel), gridPos: { x, y, w: panel.width, h: row.height } });
      x += panel.width;
    }
    y += row.height;
  }
  return panels;
}

function renderPanel({ title, kind, unit, queries, thresholds, stacked }: Panel): object {
  const steps = [{ color: 'green', value: null as number | null }].concat(
    (thresholds ?? []).map((value, index) => ({ color: ['yellow', 'red'][index]!, value })),
  );
  return {
    type: kind,
    title,
    datasource: SOURCE,
    targets: queries.map(([expr, legend], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend ?? '__auto',
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps },
        ...(kind === 'timeseries'
          ? {
              custom: {
                fillOpacity: stacked ? 30 : 10,
                showPoints: 'never',
                stacking: { mode: stacked ? 'normal' : 'none' },
              },
            }
          : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? { graphMode: 'area', colorMode: 'value', reduceOptions: { calcs: ['lastNotNull'] } }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}
