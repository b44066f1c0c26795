import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BoardQueue } from '../../broker/board/board-queues.ts';
import { enqueue } from '../../jobs/enqueue.ts';
import type { JobOptions } from '../../handlers/define-handler.ts';
import type { Project } from '../../jobs/project.ts';

/** Of what the form on the board knows, that which a job may be given from outside. */
const OPTIONS = ['delay', 'priority', 'attempts', 'backoff'] as const satisfies (keyof JobOptions)[];

/** A queue on the board. Jobs that are added there come in as all others do: checked, and with an id of ours. */
export class BoardAdapter extends BullMQAdapter {
  /** What has been done is done. */
  override readonly allowCompletedRetries = false;
  readonly #board: BoardQueue;
  readonly #project: () => Project;

  /** @param project on behalf of whoever uses the board just now */
  constructor(queue: BoardQueue, { readOnly, project }: { readOnly: boolean; project: () => Project }) {
    super(queue, { readOnlyMode: readOnly });
    this.#board = queue;
    this.#project = project;
  }

  override async addJob(type: string, payload: unknown, given: Record<string, unknown>) {
    const options = Object.fromEntries(OPTIONS.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
    const queue = this.#board.name;
    const { id } = await enqueue(this.#project(), { type, payload, options: { ...options, queue } });
    return (await this.#board.getJob(id))!;
  }
}
