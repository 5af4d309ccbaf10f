import { setTimeout as delay } from 'node:timers/promises';
import type { createCluster as create, ErrorReply as Reply, RedisClusterType } from 'redis';
import { AppLogger } from '@app/logging';
import { connectionOptions, type RedisClient, retryMs } from '../redis-client.js';
import { RedisAwayError } from '../redis-away.error.js';
import { clusterChannel } from './cluster-channel.js';
import { accessOf, nodeUrls, transportOf } from './cluster-nodes.js';
import { hashSlot, SLOTS } from './hash-slot.js';
import type { LinkEvents, RedisLink } from './redis-link.js';
import { PROBE_KEY, SHORT_LIVED } from './write-probe.js';

/** Replies of a node that cannot serve anybody now. */
const AWAY_REPLIES = /^(CLUSTERDOWN|MASTERDOWN|LOADING)\b/;
/** For all nodes to be found, connected and asked. */
const WHOLE_MS = 2_000;

interface Library {
  readonly createCluster: typeof create;
  readonly ErrorReply: typeof Reply;
}

/**
 * The connections to all masters of a Redis Cluster, as one: it is there when every slot is served, and away when any
 * master is. The library follows slots that move (MOVED, ASK). When a master is lost, or is another one than before, all
 * connections are made anew: behind them may be a replica that has not heard of the last writes.
 */
export class ClusterLink implements RedisLink {
  private readonly log = new AppLogger('RedisConnection');
  private isClosed = false;
  private attempt = 0;
  private cluster: RedisClusterType;
  private masters = '';
  isReady = false;

  private constructor(
    private readonly library: Library,
    private readonly create: () => RedisClusterType,
    private readonly events: LinkEvents,
  ) {
    this.cluster = this.newCluster();
  }

  /** @param urls of some of its nodes, comma separated. */
  static async create(urls: string, name: string, events: LinkEvents): Promise<ClusterLink> {
    const library: Library = await import('redis');
    const { socket, commandOptions, ...options } = connectionOptions(name);
    const newCluster = (): RedisClusterType =>
      library.createCluster({
        rootNodes: nodeUrls(urls).map((url) => ({ url })),
        defaults: {
          ...options,
          ...accessOf(urls),
          socket: { ...socket, ...transportOf(urls), reconnectStrategy: false },
        },
        commandOptions,
        minimizeConnections: true,
      });
    return new ClusterLink(library, newCluster, events);
  }

  get client(): RedisClient {
    return this.cluster;
  }

  open(): void {
    void this.connect();
  }

  close(): void {
    this.isClosed = true;
    this.isReady = false;
    this.cluster.destroy();
  }

  async check(): Promise<void> {
    const { cluster } = this;
    await within(WHOLE_MS, this.whole(cluster));
    if (namesOf(cluster) === this.masters) return;
    this.lost(cluster, new Error('the masters have changed'));
    throw new RedisAwayError('the masters have changed');
  }

  isReply(error: unknown): boolean {
    return this.isReady && error instanceof this.library.ErrorReply && !AWAY_REPLIES.test(error.message);
  }

  /** Two round trips: other nodes keep what is done first. Nobody reached means that we do not hear ourselves either. */
  async publish(channel: string, message: string, first?: (client: RedisClient) => Promise<unknown>): Promise<number> {
    const { cluster } = this;
    await first?.(cluster);
    return Math.max(1, await cluster.sPublish(clusterChannel(channel), message));
  }

  async tryToWrite(): Promise<void> {
    const { cluster } = this;
    await Promise.all(cluster.masters.map((master) => cluster.set(keyAt(cluster, master.id), '1', SHORT_LIVED)));
  }

  private newCluster(): RedisClusterType {
    const cluster = this.create();
    cluster.on('error', (error: unknown) => this.log.debug('a node did not tell of the others', { error }));
    cluster.on('node-error', (error: unknown) => this.lost(cluster, error));
    return cluster;
  }

  private async connect(): Promise<void> {
    const { cluster } = this;
    try {
      await within(WHOLE_MS, this.join(cluster));
    } catch (error) {
      return this.lost(cluster, error);
    }
    if (this.isGone(cluster)) return;
    this.masters = namesOf(cluster);
    this.isReady = true;
    this.attempt = 0;
    this.events.ready();
  }

  private async join(cluster: RedisClusterType): Promise<void> {
    await cluster.connect();
    await this.whole(cluster);
  }

  /** @throws unless every slot has a master, and every master says that the cluster is well. */
  private async whole(cluster: RedisClusterType): Promise<void> {
    for (let slot = 0; slot < SLOTS; slot += 1) {
      if (cluster.slots[slot] === undefined) throw new RedisAwayError(`nobody serves slot ${slot}`);
    }
    const states = await Promise.all(cluster.masters.map((master) => this.stateOf(cluster, master)));
    if (states.some((state) => !state.includes('cluster_state:ok'))) throw new RedisAwayError('the cluster is down');
  }

  private async stateOf(cluster: RedisClusterType, master: RedisClusterType['masters'][number]): Promise<string> {
    const client = await cluster.nodeClient(master);
    if (!this.isGone(cluster)) return client.clusterInfo();
    client.destroy(); // given up while it was connecting, it connects all the same
    throw new RedisAwayError('given up');
  }

  private isGone(cluster: RedisClusterType): boolean {
    return this.isClosed || cluster !== this.cluster;
  }

  /** Once for each cluster: its nodes fail one after the other. */
  private lost(cluster: RedisClusterType, error: unknown): void {
    if (this.isGone(cluster)) return;
    this.isReady = false;
    this.cluster = this.newCluster();
    cluster.destroy();
    this.events.lost(error);
    this.attempt += 1;
    setTimeout(() => this.isClosed || void this.connect(), retryMs(this.attempt)).unref();
  }
}

function namesOf({ masters }: RedisClusterType): string {
  return masters
    .map(({ id }) => id)
    .toSorted()
    .join();
}

/** A key that this master keeps. */
function keyAt({ slots }: RedisClusterType, masterId: string): string {
  for (let number = 0; number < SLOTS; number += 1) {
    const key = `${PROBE_KEY}:${number}`;
    if (slots[hashSlot(key)]?.master.id === masterId) return key;
  }
  return PROBE_KEY;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new RedisAwayError(`no answer of all nodes within ${ms} ms`);
  });
  late.catch(() => undefined); // it was not needed
  work.catch(() => undefined); // it was too late
  try {
    await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
