import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BoardQueue } from '../../broker/board/board-queues.ts';
import { JobQueueError } from '../../errors.ts';
import { enqueue } from '../../jobs/enqueue.ts';
import type { JobOptions } from '../../handlers/define-handler.ts';
import type { Project } from '../../jobs/project.ts';
import type { Ability } from '../../jobs/scopes.ts';

/** Of what the form on the board knows, that which a job may be given from outside. */
const OPTIONS = ['delay', 'priority', 'attempts', 'backoff'] as const satisfies (keyof JobOptions)[];

/** Whose request it is that a call is made for. */
export interface BoardUser {
  /** On behalf of this user. */
  project: Project;
  abilities: ReadonlySet<Ability>;
}

/** A queue on the board. Jobs that are added there come in as all others do: checked, and with an id of ours. */
export class BoardAdapter extends BullMQAdapter {
  /** What has been done is done. */
  override readonly allowCompletedRetries = false;
  readonly #board: BoardQueue;
  readonly #user: () => BoardUser;

  constructor(queue: BoardQueue, { readOnly, user }: { readOnly: boolean; user: () => BoardUser }) {
    super(queue, { readOnlyMode: readOnly });
    this.#board = queue;
    this.#user = user;
  }

  override async addJob(type: string, payload: unknown, given: Record<string, unknown>) {
    const options = Object.fromEntries(OPTIONS.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
    const [queue, { project, abilities }] = [this.#board.queueName, this.#user()];
    if (!abilities.has('enqueue')) throw new JobQueueError('FORBIDDEN', 'Expected a key with the scope enqueue');
    const { id } = await enqueue(project, { type, payload, options: { ...options, queue } });
    return (await this.#board.getJob(id))!;
  }
}
