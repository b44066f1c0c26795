import { freePort } from './free-port.ts';
import { RedisNode } from './redis-node.ts';
import { sleep } from '../../src/lib/clock.ts';

const MASTER = 'mymaster';
/** The user as whom a replica reads from its master. */
const REPLICA_USER = { user: 'replica on nopass +psync +replconf +ping', masteruser: 'replica', masterauth: 'any' };

/** A master, a replica, and three Sentinels, all real. It owns them: `kill` ends them. */
export class SentinelFleet {
  readonly #nodes: RedisNode[] = [];
  readonly #sentinels: RedisNode[] = [];
  #master!: RedisNode;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get url(): string {
    return `redis+sentinel://${this.#sentinels.map(({ address }) => address).join(',')}/${MASTER}`;
  }

  get master(): RedisNode {
    return this.#master;
  }

  get #replica(): RedisNode {
    return this.#nodes.find((node) => node !== this.#master)!;
  }

  async start(): Promise<void> {
    for (let index = 0; index < 2; index += 1) this.#nodes.push(new RedisNode(this.#folder, await freePort()));
    this.#master = this.#nodes[0]!;
    await this.#master.start(REPLICA_USER);
    await this.#startReplica();
    for (let index = 0; index < 3; index += 1) this.#sentinels.push(new RedisNode(this.#folder, await freePort()));
    await Promise.all(
      this.#sentinels.map((sentinel) =>
        sentinel.startAsSentinel([
          `sentinel monitor ${MASTER} 127.0.0.1 ${this.#master.port} 2`,
          `sentinel down-after-milliseconds ${MASTER} 500`,
          `sentinel failover-timeout ${MASTER} 3000`,
        ]),
      ),
    );
    await this.#untilAllKnown();
  }

  async #startReplica(): Promise<void> {
    await this.#replica.start({ ...REPLICA_USER, replicaof: `127.0.0.1 ${this.#master.port}` });
    await this.untilReplicated();
  }

  async untilReplicated(): Promise<void> {
    while ((await this.#replica.info('master_link_status')) !== 'up') await sleep(20);
  }

  /** Sentinels find each other, and the replica, by what they say over the master. */
  async #untilAllKnown(): Promise<void> {
    for (const sentinel of this.#sentinels) {
      const isReady = async () => {
        const line = (await sentinel.info('master0')) ?? '';
        return line.includes('status=ok') && line.includes('slaves=1') && line.includes('sentinels=3');
      };
      while (!(await isReady())) await sleep(20);
    }
  }

  /** The replica may not read any more: what is written from now on, the master alone has. */
  async cutReplica(): Promise<void> {
    await this.#master.call('ACL', 'SETUSER', 'replica', 'off');
    await this.#master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  }

  /** Kills the master, and waits until the Sentinels have made the replica the master. */
  async failOver(): Promise<void> {
    const [old, next] = [this.#master, this.#replica];
    await old.kill();
    while ((await next.info('role')) !== 'master') await sleep(10);
    this.#master = next;
  }

  /** Starts the one that was killed, as a replica, and waits until it may be made the master in turn. */
  async mend(): Promise<void> {
    await this.#startReplica();
    await this.#untilAllKnown();
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#nodes, ...this.#sentinels].map((node) => node.kill()));
  }
}
