/**
 * Every Redis key that the program touches. BullMQ's are left as BullMQ names them; ours are under `jq:`, the queue in
 * braces so that a cluster keeps a queue's keys together.
 */
export interface Keys {
  readonly prefix: string;
  /** What BullMQ calls a queue: in a Cluster `{mail}`. */
  engineName(queue: string): string;
  /** The queue that BullMQ calls so; '' for what no queue is called here. */
  queueOf(engineName: string): string;
  /** BullMQ's key of a queue: `wait`, `active`, `failed`, `meta`, …; '' gives the stem that job ids follow. */
  queue(queue: string, part: QueuePart): string;
  /** BullMQ's hash of one job. */
  job(queue: string, id: string): string;
  /** BullMQ's list of a job's log lines. */
  logs(queue: string, id: string): string;
  /** Set of the queues that are known, ours and those that were found. */
  queues: string;
  /** String that lives while the last search for foreign queues is fresh enough. */
  queuesSearched: string;
  /** String: how far a search that is not at its end has come. */
  queuesCursor: string;
  /** Hash of the last heartbeat of each worker as JSON, by its id. */
  beats: string;
  /** Hash of one 10-second bucket of a queue's figures; expires by itself. */
  bucket(queue: string, start: number): string;
  /** Hash of ten minutes of a queue's figures; expires by itself. */
  span(queue: string, start: number): string;
  /** Hash of what became of all attempts ever, by queue and type, and by queue. */
  totals: string;
  /** Hash of what became of the attempts of a day, `2026-01-31` in UTC, by queue; expires by itself. */
  day(day: string): string;
  /** Hash of the recorded `once` steps of a job: field = step. */
  once(queue: string, id: string): string;
  /** String that says what an idempotency key was used for, by the job id that is made of it; expires by itself. */
  keyUse(queue: string, id: string): string;
  /** Channel on which worker processes hear what they are asked to do. */
  control: string;
  /** List of the answers to one such request; expires by itself. */
  answers(request: string): string;
  /** String that names the worker which removes the old completed jobs of a queue; expires by itself. */
  sweeper(queue: string): string;
  /** List of what the undoing of a replay has made dead in a queue and must yet bring back to the queue it died in, as JSON. */
  homeward(queue: string, batch: string): string;
  /** Hash of who paused a queue and when, by queue. */
  pauses: string;
  /** List of what was done by whom, as JSON, newest first. */
  audit: string;
  /** Hash of the API keys: field = name, value = JSON with the SHA-256 of the key. */
  apiKeys: string;
  /** Hash of when each API key was used last (epoch ms): field = id. */
  apiKeyUses: string;
  /** String that counts a caller's requests in a span of time; expires with it. */
  requests(caller: string): string;
}

export type QueuePart =
  | ''
  | 'wait'
  | 'paused'
  | 'prioritized'
  | 'delayed'
  | 'active'
  | 'waiting-children'
  | 'completed'
  | 'failed'
  | 'meta'
  | 'id'
  | 'events'
  | 'marker'
  | 'pc'
  | 'de'
  | 'repeat'
  | 'stalled'
  | 'stalled-check'
  | 'limiter'
  | 'metrics:failed';

/**
 * @param isCluster whether a queue's name is to stand in braces, by which a Cluster keeps all its keys together; a prefix that has
 *   braces of its own keeps all queues together
 */
export function createKeys(prefix: string, isCluster = false): Keys {
  const isTagged = isCluster && !/\{[^}]+\}/.test(prefix);
  const engineName = (queue: string): string => (isTagged ? `{${queue}}` : queue);
  const own = (...parts: string[]): string => ['jq', prefix, ...parts].join(':');
  return {
    prefix,
    engineName,
    queueOf: (name) => (isTagged ? (/^\{([^{}]+)\}$/.exec(name)?.[1] ?? '') : name),
    queue: (queue, part) => `${prefix}:${engineName(queue)}:${part}`,
    job: (queue, id) => `${prefix}:${engineName(queue)}:${id}`,
    logs: (queue, id) => `${prefix}:${engineName(queue)}:${id}:logs`,
    queues: own('queues'),
    queuesSearched: own('queues-searched'),
    queuesCursor: own('queues-cursor'),
    beats: own('beats'),
    bucket: (queue, start) => own('stats', `{${queue}}`, String(start)),
    span: (queue, start) => own('span', `{${queue}}`, String(start)),
    totals: own('totals'),
    day: (day) => own('day', day),
    once: (queue, id) => own('once', `{${queue}}`, id),
    keyUse: (queue, id) => own('key', `{${queue}}`, id),
    control: own('control'),
    answers: (request) => own('answers', request),
    pauses: own('pauses'),
    sweeper: (queue) => own('sweeper', `{${queue}}`),
    homeward: (queue, batch) => own('homeward', `{${queue}}`, batch),
    audit: own('audit'),
    apiKeys: own('api-keys'),
    apiKeyUses: own('api-key-uses'),
    requests: (caller) => own('requests', caller),
  };
}
