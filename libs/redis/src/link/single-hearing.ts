import type { RedisClientType } from 'redis';
import { createRedisClient } from '../redis-client.js';
import type { HearingLink, Listener } from './hearing-link.js';
import type { LinkEvents } from './redis-link.js';

/** One connection to one Redis; the client keeps it up, and has renewed its subscriptions before it is ready again. */
export class SingleHearing implements HearingLink {
  private isClosed = false;

  private constructor(private readonly client: RedisClientType) {}

  static async create(url: string, name: string, { ready, lost }: LinkEvents): Promise<SingleHearing> {
    const link = new SingleHearing(await createRedisClient(url, { name, reconnects: true }));
    link.client.on('error', lost);
    link.client.on('ready', () => (link.isClosed ? link.close() : ready())); // closed while it was connecting, it connects
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

  subscribe(channel: string, listener: Listener): Promise<void> {
    return this.client.subscribe(channel, listener);
  }

  /** Messages and answers come in order on one connection. */
  async prove(): Promise<void> {
    await this.client.ping();
  }
}
