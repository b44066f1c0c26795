import { freePort } from './free-port.ts';
import { RedisNode, untilSo } from './redis-node.ts';

const SLOTS = 16_384;
const MASTERS = 3;
/** What redis-cli moves in one call. */
const KEYS_AT_ONCE = 10;
const SETTINGS = {
  'cluster-enabled': 'yes',
  'cluster-node-timeout': '1000',
  'cluster-replica-validity-factor': '0',
  'repl-ping-replica-period': '1',
};

/** Three masters, each with a replica if asked for, as a Cluster, all real. It owns them: `kill` ends them. */
export class ClusterFleet {
  readonly nodes: RedisNode[] = [];
  readonly #folder: string;
  readonly #hasReplicas: boolean;

  constructor(folder: string, { hasReplicas = false } = {}) {
    this.#folder = folder;
    this.#hasReplicas = hasReplicas;
  }

  get url(): string {
    return `redis+cluster://${this.nodes.map(({ address }) => address).join(',')}`;
  }

  async start(): Promise<void> {
    const amount = this.#hasReplicas ? 2 * MASTERS : MASTERS;
    // A node speaks to the others on a port 10,000 above its own.
    while (this.nodes.length < amount) {
      const port = await freePort();
      if (port + 10_000 < 65_536) this.nodes.push(new RedisNode(this.#folder, port));
    }
    await Promise.all(this.nodes.map((node) => node.start(SETTINGS)));
    const masters = this.nodes.slice(0, MASTERS);
    for (const [index, node] of masters.entries()) {
      const edge = (place: number): number => Math.floor((SLOTS / MASTERS) * place);
      await node.call('CLUSTER', 'ADDSLOTSRANGE', edge(index), edge(index + 1) - 1);
    }
    for (const [index, node] of this.nodes.entries()) {
      await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      await this.nodes[0]!.call('CLUSTER', 'MEET', '127.0.0.1', node.port);
    }
    const knowAll = (node: RedisNode) => node.clusterInfo('cluster_known_nodes').then((text) => text === `${amount}`);
    await this.#untilEach(knowAll);
    for (const [index, replica] of this.nodes.slice(MASTERS).entries()) {
      await replica.call('CLUSTER', 'REPLICATE', (await masters[index]!.call('CLUSTER', 'MYID')) as string);
    }
    await this.untilWhole();
  }

  /** Every slot has a master, every replica is up to date, and all know it. */
  async untilWhole(): Promise<void> {
    await this.#untilEach((node) => node.clusterInfo('cluster_state').then((text) => text === 'ok'));
    await this.#untilEach(async (node) => {
      const [role, link] = [await node.info('role'), await node.info('master_link_status')];
      const replicas = await node.info('connected_slaves');
      return role === 'slave' ? link === 'up' : role === 'master' && replicas === (this.#hasReplicas ? '1' : '0');
    });
  }

  async #untilEach(holds: (node: RedisNode) => Promise<boolean>): Promise<void> {
    for (const node of this.nodes)
      await untilSo(() => holds(node).catch(() => false), `${node.address} is as the others`);
  }

  /** The master that has a key. @param gone is not asked */
  async masterOf(key: string, gone?: RedisNode): Promise<RedisNode> {
    let found: RedisNode | undefined;
    await untilSo(async () => {
      for (const node of this.nodes.filter((each) => each !== gone)) {
        const reply = await node.call('EXISTS', key).catch(() => undefined);
        if (typeof reply === 'number' && (await node.info('role')) === 'master') found = node;
      }
      return found !== undefined;
    }, `a master has ${key}`);
    return found!;
  }

  /** A master that does not have it. */
  async otherMaster(key: string): Promise<RedisNode> {
    const master = await this.masterOf(key);
    const roles = await Promise.all(this.nodes.map((node) => node.info('role')));
    return this.nodes.find((node, index) => node !== master && roles[index] === 'master')!;
  }

  /** Kills the master that has this key, or makes it hang, and waits until its replica has taken over. @returns the old master */
  async failOver(key: string, how: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): Promise<RedisNode> {
    const old = await this.masterOf(key);
    if (how === 'SIGKILL') await old.kill();
    else old.signal(how);
    await this.masterOf(key, old);
    return old;
  }

  /** Starts one that was killed, or lets one go on that hung: it finds out that it is a replica now. */
  async mend(node: RedisNode, how: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): Promise<void> {
    if (how === 'SIGKILL') await node.start(SETTINGS);
    else node.signal('SIGCONT');
    await this.untilWhole();
  }

  /** Gives the slot of this key to another master, with all that is in it, as `redis-cli --cluster reshard` does. */
  async moveSlot(key: string): Promise<void> {
    const from = await this.masterOf(key);
    const to = await this.otherMaster(key);
    const [fromId, toId] = (await Promise.all([from, to].map((node) => node.call('CLUSTER', 'MYID')))) as string[];
    const slot = (await from.call('CLUSTER', 'KEYSLOT', key)) as number;
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId!);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId!);
    for (;;) {
      const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE)) as string[];
      if (keys.length === 0) break;
      await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
    }
    for (const node of [to, from]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId!);
  }

  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }
}
