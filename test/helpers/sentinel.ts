import { freePort } from './free-port.ts';
import { RedisNode, untilSo } from './redis-node.ts';

const MASTER = 'mymaster';
/** The user as whom a replica reads from its master. */
const REPLICA_USER = { user: 'replica on nopass +psync +replconf +ping', masteruser: 'replica', masterauth: 'any' };

/** A master, a replica, and three Sentinels, all real. It owns them: `kill` ends them. */
export class SentinelFleet {
  readonly #nodes: RedisNode[] = [];
  readonly #sentinels: RedisNode[] = [];
  readonly #folder: string;
  #old: { node: RedisNode; how: 'SIGKILL' | 'SIGSTOP' } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get url(): string {
    return `redis+sentinel://${this.#sentinels.map(({ address }) => address).join(',')}/${MASTER}`;
  }

  async start(): Promise<void> {
    for (let index = 0; index < 2; index += 1) this.#nodes.push(new RedisNode(this.#folder, await freePort()));
    const [master, replica] = this.#nodes as [RedisNode, RedisNode];
    await master.start(REPLICA_USER);
    await replica.start(replicaOf(master));
    await this.#untilReplicated();
    for (let index = 0; index < 3; index += 1) this.#sentinels.push(new RedisNode(this.#folder, await freePort()));
    await Promise.all(
      this.#sentinels.map((sentinel) =>
        sentinel.startAsSentinel([
          `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 2`,
          `sentinel down-after-milliseconds ${MASTER} 2000`,
          `sentinel failover-timeout ${MASTER} 3000`,
        ]),
      ),
    );
    await this.#untilAllKnown();
  }

  /** From now on the Sentinels want this password, of each other too. */
  async protectSentinels(password: string): Promise<void> {
    for (const sentinel of this.#sentinels) {
      await sentinel.call('SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', password);
      await sentinel.call('ACL', 'SETUSER', 'default', 'resetpass', `>${password}`);
      sentinel.password = password;
    }
    await this.#untilAllKnown();
  }

  /** That of which the Sentinels say so: on a busy machine they may change it by themselves. */
  async #master(): Promise<RedisNode> {
    const [, port] = (await this.#sentinels[0]!.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)) as string[];
    return this.#nodes.find((node) => node.port === Number(port))!;
  }

  #untilReplicated(): Promise<void> {
    return untilSo(async () => {
      const links = await Promise.all(this.#nodes.map((node) => node.info('master_link_status')));
      return links.filter((link) => link !== undefined).join() === 'up';
    }, 'the replica is up to date');
  }

  /** Sentinels find each other, and the replica, by what they say over the master. */
  #untilAllKnown(): Promise<void> {
    return untilSo(async () => {
      const lines = await Promise.all(this.#sentinels.map((sentinel) => sentinel.info('master0')));
      return lines.every((line) => /status=ok.*slaves=1,sentinels=3/.test(line ?? ''));
    }, 'the Sentinels know each other');
  }

  /** The replica may not read any more: what is written from now on, the master alone has. */
  async cutReplica(): Promise<void> {
    const master = await this.#master();
    await master.call('ACL', 'SETUSER', 'replica', 'off');
    await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  }

  /** Kills the master, or makes it hang, and waits until the Sentinels have made the replica the master. */
  async failOver(how: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): Promise<void> {
    const old = await this.#master();
    const other = this.#nodes.find((node) => node !== old)!;
    if (how === 'SIGKILL') await old.kill();
    else old.signal(how);
    await untilSo(async () => (await other.info('role')) === 'master', 'the replica is the master');
    this.#old = { node: old, how };
  }

  /** Brings the old master back as a replica, and waits until it may be made the master in turn. */
  async mend(): Promise<void> {
    const { node, how } = this.#old!;
    const master = this.#nodes.find((each) => each !== node)!;
    if (how === 'SIGKILL') await node.start(replicaOf(master));
    // It takes itself for the master until the Sentinels tell it.
    else node.signal('SIGCONT');
    await this.#untilReplicated();
    await this.#untilAllKnown();
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#nodes, ...this.#sentinels].map((node) => node.kill()));
  }
}

const replicaOf = (master: RedisNode): Record<string, string> => ({
  ...REPLICA_USER,
  replicaof: `127.0.0.1 ${master.port}`,
});
