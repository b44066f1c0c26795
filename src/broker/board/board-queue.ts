import { Job as EngineJob, type JobType, Queue } from 'bullmq';
import type { Cluster, Redis as Client } from 'ioredis';
import { JobQueueError } from '../../errors.ts';
import { uuidV7 } from '../../lib/uuid.ts';
import type { Broker } from '../broker.ts';
import { replayDead } from '../replay-dead.ts';
import { removeJob } from '../remove-job.ts';
import { type ReadJob, readJobHashes, readLogTail } from './job-hash.ts';

/**
 * A queue as BullMQ's tools expect one, which reads no more of a job than fits, and does to jobs what `jq` does to
 * them. To look at it changes nothing in Redis.
 */
export class BoardQueue extends Queue {
  readonly broker: Broker;

  /** Its name in the rest of the program; in a Cluster, BullMQ has another one. */
  readonly queueName: string;

  constructor(broker: Broker, name: string, connection: Client | Cluster) {
    super(broker.keys.engineName(name), { connection, prefix: broker.keys.prefix, skipMetasUpdate: true });
    this.broker = broker;
    this.queueName = name;
    // Each call that fails says so itself.
    this.on('error', () => {});
    // Where BullMQ itself reads a job, for one or for the tree of a flow.
    this.getBackend().getJobData = async (id) => (await readJobHashes(broker, name, [id]))[0]?.json;
  }

  override async getJob(id: string): Promise<BoardJob | undefined> {
    const [read] = await readJobHashes(this.broker, this.queueName, [id]);
    return read && BoardJob.of(this, read);
  }

  override async getJobs(types?: JobType[] | JobType, start = 0, end = -1, asc = false): Promise<BoardJob[]> {
    const ids = await this.getRanges([types ?? []].flat(), start, end, asc);
    return (await readJobHashes(this.broker, this.queueName, ids)).map((read) => BoardJob.of(this, read));
  }

  override getJobLogs(id: string): Promise<{ logs: string[]; count: number }> {
    return readLogTail(this.broker, this.queueName, id);
  }
}

/** A job of a {@link BoardQueue}. */
export class BoardJob extends EngineJob {
  /** Something of it was too large to be read. */
  isCut = false;

  static of(queue: BoardQueue, { json, isCut }: ReadJob): BoardJob {
    const job = BoardJob.fromJSON(queue, json, json.id) as BoardJob;
    job.isCut = isCut;
    return job;
  }

  /** As `jq jobs retry`: as new, with all its attempts. @throws JobQueueError JOB_STATE unless it is dead */
  override async retry(): Promise<void> {
    const { broker, queueName } = this.queue as BoardQueue;
    if ((await replayDead(broker, queueName, [this.id!], `r_${uuidV7()}`)) === 1) return;
    throw new JobQueueError('JOB_STATE', `Job ${this.id} is not dead: there is nothing to retry`);
  }

  /** As `jq jobs remove`. @throws JobQueueError JOB_STATE while it runs */
  override async remove(): Promise<void> {
    const { broker, queueName } = this.queue as BoardQueue;
    if (await removeJob(broker, queueName, this.id!)) return;
    throw new JobQueueError('JOB_STATE', `Job ${this.id} is running: it can be removed when it has ended`);
  }

  /** @throws JobQueueError JOB_STATE when only a part of it was shown: the rest would be lost */
  override async updateData(data: unknown): Promise<void> {
    if (!this.isCut) return super.updateData(data);
    throw new JobQueueError('JOB_STATE', `Job ${this.id} is too large to be changed here`);
  }
}
