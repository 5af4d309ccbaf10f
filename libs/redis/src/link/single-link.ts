import type { RedisClientType } from 'redis';
import { createRedisClient, type RedisClient } from '../redis-client.js';
import { isQueueFull } from '../redis-errors.js';
import type { LinkEvents, RedisLink } from './redis-link.js';
import { PROBE_KEY, SHORT_LIVED } from './write-probe.js';

/** One connection to one Redis, which the client keeps up. */
export class SingleLink implements RedisLink {
  private isClosed = false;

  private constructor(readonly client: RedisClientType) {}

  static async create(url: string, name: string, { ready, lost }: LinkEvents): Promise<SingleLink> {
    const link = new SingleLink(await createRedisClient(url, { name, reconnects: true }));
    link.client.on('ready', () => (link.isClosed ? link.close() : ready())); // closed while it was connecting, it connects
    link.client.on('error', lost);
    return link;
  }

  get isReady(): boolean {
    return this.client.isReady;
  }

  open(): void {
    this.client.connect().catch(() => undefined); // told as an event, too
  }

  close(): void {
    this.isClosed = true;
    this.client.destroy();
  }

  /** A PING is answered when everything before it is. If the connection breaks first, `ready` tells when it is back. */
  async check(): Promise<void> {
    await this.client.ping();
  }

  /** While the connection is there, an error is an answer or a fault; but the client calls its own full queue one, too. */
  isReply(error: unknown): boolean {
    return this.client.isReady && error instanceof Error && !isQueueFull(error);
  }

  /** Both in one round trip: what comes first is done first. */
  async publish(channel: string, message: string, first?: (client: RedisClient) => Promise<unknown>): Promise<number> {
    const done = first?.(this.client);
    const [reached] = await Promise.all([this.client.publish(channel, message), done]);
    return reached;
  }

  async tryToWrite(): Promise<void> {
    await this.client.set(PROBE_KEY, '1', SHORT_LIVED);
  }
}
