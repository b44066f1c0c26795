/** One metric of `/metrics`. */
export interface MetricRow {
  type: 'gauge' | 'counter' | 'histogram';
  labels: readonly string[];
  help: string;
}

/**
 * Every metric of ours, by name. Those about jobs, queues, workers and Redis come from Redis: each `jq serve` gives the same
 * figures. Those about HTTP are of one process, as are the `process_…` and `nodejs_…` ones that prom-client adds.
 */
export const METRICS = {
  jobqueue_build_info: {
    type: 'gauge',
    labels: ['version', 'bullmq', 'node'],
    help: 'Always 1; the labels say what runs here',
  },
  jobqueue_jobs: {
    type: 'gauge',
    labels: ['queue', 'state'],
    help: "Jobs by BullMQ's state; those in failed are the dead letters",
  },
  jobqueue_queue_oldest_waiting_seconds: {
    type: 'gauge',
    labels: ['queue'],
    help: 'How long the job at the head of the waiting list has been due; 0 when none waits',
  },
  jobqueue_queue_paused: { type: 'gauge', labels: ['queue'], help: '1 while the queue is paused' },
  jobqueue_queue_workers: {
    type: 'gauge',
    labels: ['queue'],
    help: 'Worker processes of jobqueue that listen to the queue',
  },
  jobqueue_queue_slots: {
    type: 'gauge',
    labels: ['queue'],
    help: 'Jobs of the queue that these can run at the same time',
  },
  jobqueue_workers: {
    type: 'gauge',
    labels: ['state'],
    help: 'Worker processes of jobqueue; lost ones have not been heard of for ten seconds',
  },
  jobqueue_busy_slots: { type: 'gauge', labels: [], help: 'Jobs that these run now' },
  jobqueue_attempts_total: {
    type: 'counter',
    labels: ['queue', 'type', 'outcome'],
    help: 'Attempts that ended, completed or failed',
  },
  jobqueue_jobs_dead_total: {
    type: 'counter',
    labels: ['queue', 'type'],
    help: 'Jobs whose last attempt has failed',
  },
  jobqueue_job_duration_seconds: {
    type: 'histogram',
    labels: ['queue', 'type'],
    help: 'Run time of attempts',
  },
  jobqueue_job_wait_seconds: {
    type: 'histogram',
    labels: ['queue', 'type'],
    help: 'Time from when a job was due to its first start',
  },
  jobqueue_redis_up: {
    type: 'gauge',
    labels: [],
    help: '1 when Redis answers; without it only what is of this process shows',
  },
  jobqueue_redis_round_trip_seconds: { type: 'gauge', labels: [], help: 'How long Redis took to answer this scrape' },
  jobqueue_redis_memory_used_bytes: { type: 'gauge', labels: [], help: 'Memory that Redis uses' },
  jobqueue_redis_memory_max_bytes: {
    type: 'gauge',
    labels: [],
    help: "The most that it may use: maxmemory or, without one, its machine's memory",
  },
  jobqueue_redis_aof_enabled: { type: 'gauge', labels: [], help: '1 when Redis keeps an append-only file' },
  jobqueue_redis_persistence_ok: {
    type: 'gauge',
    labels: ['part'],
    help: '1 when the last write of the append-only file, its last rewrite, and the last snapshot went well',
  },
  jobqueue_http_request_duration_seconds: {
    type: 'histogram',
    labels: ['method', 'route', 'status'],
    help: 'Time from request to answer by the pattern of the route and the class of the status; aborted when the caller hung up',
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;
