import { Injectable } from '@nestjs/common';
import { DirectDatabase, keepsSession } from '@app/database';
import { AppLogger } from '@app/logging';
import { Client } from 'pg';

export interface ChannelListener {
  /** Now listening, and nothing before this moment was heard: catch up. The channel counts as open when it resolves. */
  caughtUp(): Promise<void>;
  heard(channel: string, payload: string): void;
}

/** Other instances are counted by this name in `pg_stat_activity`. */
export const LISTENER_NAME = 'plinth-sessions';
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 2_000;
/** A connection that died in silence is noticed after this and the query timeout at the latest. */
const HEARTBEAT_MS = 3_000;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;

/** One connection of its own that listens to PostgreSQL's notifications, and comes back whenever it is lost. */
@Injectable()
export class RevocationChannel {
  private readonly log = new AppLogger(RevocationChannel.name);
  private client: Client | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = RETRY_MIN_MS;
  private answered: Promise<unknown> = Promise.resolve();
  private open = false;
  private closed = false;

  constructor(private readonly database: DirectDatabase) {}

  /** False while notifications may be missed. */
  get isOpen(): boolean {
    return this.open;
  }

  /**
   * Connects, and keeps connecting until {@link close}. Resolves after the first attempt, successful or not. Behind a
   * pooler in transaction mode it stays closed: what one connection listens to there, another one would hear.
   */
  async listen(channels: readonly string[], listener: ChannelListener): Promise<void> {
    const client = this.newClient();
    const lost = (error?: Error): void => this.lost(client, error, () => void this.listen(channels, listener));
    this.client = client;
    this.answered = Promise.resolve();
    client.on('error', lost);
    client.on('end', () => lost());
    client.on('notification', ({ channel, payload = '' }) => listener.heard(channel, payload));
    try {
      await client.connect();
      if (!(await keepsSession(this.database.url))) return await this.giveUp();
      for (const channel of channels) await this.ask(client, `LISTEN ${client.escapeIdentifier(channel)}`);
      await listener.caughtUp();
      this.opened(client, lost);
    } catch (error) {
      lost(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Sends at once, outside any transaction; lost when the channel is. */
  async notify(channel: string, payload: string): Promise<void> {
    if (this.client) await this.ask(this.client, 'SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.open = false;
    clearInterval(this.heartbeat);
    clearTimeout(this.retry);
    const { client } = this;
    this.client = undefined;
    await client?.end();
  }

  private async giveUp(): Promise<void> {
    this.log.warn(
      'DATABASE_URL leads to a pooler in transaction mode: sessions are looked up; set DATABASE_DIRECT_URL',
    );
    await this.close();
  }

  private newClient(): Client {
    return new Client({
      connectionString: this.database.url,
      application_name: LISTENER_NAME,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
  }

  /** One statement after the other: node-postgres will not queue them any more from version 9 on. */
  private ask(client: Client, statement: string, values: readonly string[] = []): Promise<unknown> {
    const answer = this.answered.then(() => client.query(statement, [...values]));
    this.answered = answer.catch(() => undefined); // whoever asked hears of it; the next one is not concerned
    return answer;
  }

  private opened(client: Client, lost: (error: Error) => void): void {
    if (this.client !== client) return;
    this.open = true;
    this.retryMs = RETRY_MIN_MS;
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => void this.ask(client, 'SELECT 1').catch(lost), HEARTBEAT_MS).unref();
    this.log.info('listening for revoked sessions');
  }

  private lost(client: Client, error: Error | undefined, reconnect: () => void): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    if (this.open)
      this.log.warn('lost the channel of revoked sessions; sessions are looked up until it is back', { error });
    this.open = false;
    clearInterval(this.heartbeat);
    client.end().catch((ending: unknown) => this.log.debug('closing the lost channel failed', { error: ending }));
    this.retry = setTimeout(reconnect, this.retryMs * (0.5 + Math.random())).unref();
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }
}
