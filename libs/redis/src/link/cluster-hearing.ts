import type { RedisClientType } from 'redis';
import { RedisAwayError } from '../redis-away.error.js';
import { createRedisClient, retryMs } from '../redis-client.js';
import { clusterChannel, PROOF_CHANNEL } from './cluster-channel.js';
import { neighbourOf, nodeUrls } from './cluster-nodes.js';
import { hashSlot } from './hash-slot.js';
import type { HearingLink, Listener } from './hearing-link.js';
import type { LinkEvents } from './redis-link.js';

/**
 * One connection to the node of a Redis Cluster that has the slot of all channels. Plain messages would go through the
 * bus of the cluster, and nobody would know who gets them, nor when; sharded ones (Redis 7) are the matter of one node.
 */
export class ClusterHearing implements HearingLink {
  private client: RedisClientType | undefined;
  private isClosed = false;
  private attempt = 0;

  constructor(
    private readonly urls: string,
    private readonly name: string,
    private readonly events: LinkEvents,
  ) {}

  get isReady(): boolean {
    return this.client?.isReady === true;
  }

  open(): void {
    void this.connect();
  }

  close(): void {
    this.isClosed = true;
    this.client?.destroy();
  }

  async subscribe(channel: string, listener: Listener): Promise<void> {
    await this.ask((client) => client.sSubscribe(clusterChannel(channel), listener));
  }

  /**
   * Messages and answers come in order on one connection; and a node refuses this one (MOVED, CLUSTERDOWN) when it has
   * not the slot any more or is cut off, and publishes nothing to it either. Then the right one is looked for.
   */
  async prove(): Promise<void> {
    await this.ask((client) => client.sPublish(PROOF_CHANNEL, ''));
  }

  /** A node that refuses is not the right one: others may have told of it who did not know yet. */
  private async ask(question: (client: RedisClientType) => Promise<unknown>): Promise<void> {
    const { client } = this;
    if (!client) throw new RedisAwayError('the node of the channels is not known');
    try {
      await question(client);
    } catch (error) {
      this.lost(client, error);
      throw error;
    }
  }

  private async connect(): Promise<void> {
    try {
      const client = await this.owner();
      if (this.isClosed) return client.destroy();
      this.client = client;
      client.on('error', (error: unknown) => this.lost(client, error));
      client.on('sharded-channel-moved', () => this.lost(client, new Error('the channels have moved')));
      this.attempt = 0;
      this.events.ready();
    } catch (error) {
      this.lost(this.client, error);
    }
  }

  private lost(client: RedisClientType | undefined, error: unknown): void {
    if (client !== this.client || this.isClosed) return;
    this.client = undefined;
    client?.destroy();
    this.events.lost(error);
    this.attempt += 1;
    setTimeout(() => this.isClosed || void this.connect(), retryMs(this.attempt)).unref();
  }

  /** Connected. @throws when no node says who it is, or it is not there. */
  private async owner(): Promise<RedisClientType> {
    const urls = nodeUrls(this.urls);
    const known = urls[this.attempt % urls.length] ?? '';
    const client = await this.connectTo(known);
    try {
      const slot = hashSlot(PROOF_CHANNEL);
      const range = (await client.clusterSlots()).find(({ from, to }) => from <= slot && slot <= to);
      if (!range) throw new RedisAwayError('nobody has the slot of the channels');
      return await this.connectTo(neighbourOf(known, range.master));
    } finally {
      client.destroy();
    }
  }

  private async connectTo(url: string): Promise<RedisClientType> {
    const client = await createRedisClient(url, { name: this.name, reconnects: false });
    client.on('error', () => undefined); // the connecting rejects, too
    await client.connect();
    return client;
  }
}
