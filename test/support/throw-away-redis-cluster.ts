import { freePort, ThrowAwayRedis } from './throw-away-redis.js';
import { until } from './waiting.js';

const SLOTS = 16_384;
const MASTERS = 3;
/** After so many milliseconds without an answer the others call a node dead, and a node that is alone stops answering. */
const NODE_TIMEOUT_MS = 1_000;

/** A Redis Cluster of the test's own: three masters on loopback, no replicas. */
export class ThrowAwayRedisCluster {
  private constructor(readonly nodes: readonly ThrowAwayRedis[]) {}

  /** @param options of every node, for the command line. */
  static async start(...options: readonly string[]): Promise<ThrowAwayRedisCluster> {
    const nodes: ThrowAwayRedis[] = [];
    const buses: number[] = [];
    for (let number = 0; number < MASTERS; number += 1) {
      const bus = await freePort();
      const own = ['--cluster-port', String(bus), '--cluster-node-timeout', String(NODE_TIMEOUT_MS)];
      buses.push(bus);
      nodes.push(await ThrowAwayRedis.start('--cluster-enabled', 'yes', ...own, ...options));
    }
    const cluster = new ThrowAwayRedisCluster(nodes);
    await cluster.meet(buses);
    return cluster;
  }

  /** As REDIS_URL. */
  get url(): string {
    return this.nodes.map(({ url }) => url).join();
  }

  node(index: number): ThrowAwayRedis {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Which node has it. */
  async nodeOf(key: string): Promise<number> {
    const slot = await this.slotOf(key);
    const owners = await Promise.all(this.nodes.map((node) => hasSlot(node, slot)));
    return owners.indexOf(true);
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.node(0).query('CLUSTER', 'KEYSLOT', key));
  }

  /** On the node that keeps the key. */
  async query(command: string, key: string, ...rest: readonly string[]): Promise<unknown> {
    return this.node(await this.nodeOf(key)).query(command, key, ...rest);
  }

  /** @returns how often all nodes together ran each command since they started. */
  async commands(): Promise<ReadonlyMap<string, number>> {
    const sums = new Map<string, number>();
    for (const node of this.nodes) {
      for (const [name, calls] of await node.commands()) sums.set(name, (sums.get(name) ?? 0) + calls);
    }
    return sums;
  }

  /**
   * Moves a slot to another node as `redis-cli --cluster reshard` does.
   *
   * @param meanwhile runs while some of its keys are there, and some here.
   */
  async move(slot: number, to: number, meanwhile: () => Promise<void>): Promise<void> {
    const owners = await Promise.all(this.nodes.map((node) => hasSlot(node, slot)));
    const [source, target] = [this.node(owners.indexOf(true)), this.node(to)];
    const [from, into] = [await idOf(source), await idOf(target)];
    const set = (node: ThrowAwayRedis, ...how: readonly string[]) =>
      node.query('CLUSTER', 'SETSLOT', String(slot), ...how);
    await set(target, 'IMPORTING', from);
    await set(source, 'MIGRATING', into);
    await meanwhile();
    for (let keys = await keysIn(source, slot); keys.length > 0; keys = await keysIn(source, slot)) {
      const { port } = new URL(target.url);
      await source.query('MIGRATE', '127.0.0.1', port, '', '0', '5000', 'REPLACE', 'KEYS', ...keys);
    }
    for (const node of [target, source, ...this.nodes]) await set(node, 'NODE', into);
  }

  /** All of them know that all are there. */
  async isWhole(): Promise<boolean> {
    const states = await Promise.all(this.nodes.map(async (node) => String(await node.query('CLUSTER', 'INFO'))));
    return states.every(
      (state) => state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${MASTERS}`),
    );
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }

  private async meet(buses: readonly number[]): Promise<void> {
    const [first, ...others] = this.nodes;
    for (const [index, node] of this.nodes.entries()) {
      const [start, end] = [share(index), share(index + 1) - 1].map(String);
      await node.query('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await node.query('CLUSTER', 'ADDSLOTSRANGE', start ?? '', end ?? '');
    }
    for (const [index, node] of others.entries()) {
      await first?.query('CLUSTER', 'MEET', '127.0.0.1', new URL(node.url).port, String(buses[index + 1]));
    }
    await until(() => this.isWhole(), 20_000);
  }
}

function share(index: number): number {
  return Math.floor((SLOTS * index) / MASTERS);
}

async function idOf(node: ThrowAwayRedis): Promise<string> {
  return String(await node.query('CLUSTER', 'MYID'));
}

async function hasSlot(node: ThrowAwayRedis, slot: number): Promise<boolean> {
  const lines = String(await node.query('CLUSTER', 'NODES')).split('\n');
  const ranges =
    lines
      .find((line) => line.includes('myself'))
      ?.split(' ')
      .slice(8) ?? [];
  return ranges.some((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= slot && slot <= to;
  });
}

async function keysIn(node: ThrowAwayRedis, slot: number): Promise<string[]> {
  const keys = await node.query('CLUSTER', 'GETKEYSINSLOT', String(slot), '100');
  return Array.isArray(keys) ? keys.map(String) : [];
}
