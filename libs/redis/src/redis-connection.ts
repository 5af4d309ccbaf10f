import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { Deadline } from './deadline.js';
import { RedisAwayError } from './redis-away.error.js';
import { createRedisClient, type RedisClient } from './redis-client.js';
import { WriteRefusal } from './write-refusal.js';
import { failures, showStart, up } from './redis.metrics.js';
import { isQueueFull, reasonOf } from './redis-errors.js';
import { RedisOptions } from './redis-options.js';

const DEADLINE_MS = 50;
/** At the start, for a Redis that is there; one that is not makes nobody wait. */
const FIRST_CONNECT_MS = 500;
const PROBE_AGAIN_MS = 200;

const NOT_CONFIGURED = new RedisAwayError('Redis is not configured');
const AWAY = new RedisAwayError('Redis is away');

/**
 * The connection for commands, and the breaker in front of it.
 *
 * No command takes longer than 50 ms. The first one that does opens the breaker: whatever else is under way is given up,
 * and nobody asks Redis again until it has answered a PING. So one request waits once, however many commands it needs.
 */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new AppLogger(RedisConnection.name);
  private readonly listeners: ((isUp: boolean) => void)[] = [];
  private established = 0;
  private readonly running = new Set<Deadline>();
  private client: RedisClient | undefined;
  private open = false;
  private closed = false;
  private isProbing = false;
  private isReported = false;
  private readonly refusal = new WriteRefusal();

  constructor(private readonly options: RedisOptions) {}

  /** False in single-instance mode: there is nobody to share anything with. */
  get isConfigured(): boolean {
    return this.options.url !== undefined;
  }

  /** Whether commands are sent at all; false in single-instance mode. */
  get isUp(): boolean {
    return this.open;
  }

  /** Whether it is there, and refuses what would change it: it is full, or a replica. */
  get isRefusing(): boolean {
    return this.refusal.isRefusing;
  }

  /** Connections so far. Behind another one there may be another Redis, or the same with an older memory. */
  get connections(): number {
    return this.established;
  }

  async onModuleInit(): Promise<void> {
    const { url } = this.options;
    showStart(this.isConfigured);
    if (url === undefined) {
      this.log.info('no REDIS_URL: a single instance, with cache and limits in its own memory');
      return;
    }
    const client = await createRedisClient(url, 'plinth-commands');
    this.client = client;
    const settled = new Promise<void>((resolve) => {
      client.on('ready', () => (this.ready(client), resolve()));
      client.on('error', (error: unknown) => (this.fall(reasonOf(error)), resolve()));
      setTimeout(resolve, FIRST_CONNECT_MS).unref();
    });
    client.connect().catch((error: unknown) => this.fall(reasonOf(error)));
    await settled;
  }

  onApplicationShutdown(): void {
    this.closed = true;
    this.open = false;
    this.giveUpAll();
    this.refusal.stop();
    this.client?.destroy();
  }

  /** @param listener hears of every change, after it. */
  onChange(listener: (isUp: boolean) => void): void {
    this.listeners.push(listener);
  }

  /**
   * @param command sends one command or several at once.
   * @throws RedisAwayError when Redis is not there, or does not answer within 50 ms; the reply's error when Redis refuses.
   */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.open || !this.client) throw this.isConfigured ? AWAY : NOT_CONFIGURED;
    return this.withDeadline(command(this.client));
  }

  private withDeadline<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = new Deadline(DEADLINE_MS, reject, () => this.tooLate());
      this.running.add(deadline);
      answer.then(
        (value) => {
          if (this.settle(deadline)) resolve(value);
        },
        (error: unknown) => {
          if (this.settle(deadline)) reject(this.judge(error));
        },
      );
    });
  }

  /** @returns false when the caller has been told already that Redis is away. */
  private settle(deadline: Deadline): boolean {
    this.running.delete(deadline);
    return deadline.met();
  }

  /**
   * While the connection is there, an error is the answer to this command (out of memory, a script that is not loaded) or
   * a fault in it: for the caller to hear, and Redis is well. The client calls its own full queue an error of the command.
   */
  private judge(error: unknown): Error {
    if (error instanceof Error && this.client?.isReady && !isQueueFull(error)) {
      failures.inc({ kind: 'reply' });
      this.refusal.notice(error, (command) => this.run(command));
      return error;
    }
    failures.inc({ kind: 'connection' });
    this.fall(reasonOf(error));
    return AWAY;
  }

  private tooLate(): void {
    failures.inc({ kind: 'deadline' });
    this.fall(`no answer within ${DEADLINE_MS} ms`);
  }

  /** A PING is answered when everything before it is. If the connection breaks first, `ready` tells when it is back. */
  private probe(): void {
    if (this.isProbing || this.open || this.closed || !this.client?.isReady) return;
    this.isProbing = true;
    this.client.ping().then(
      () => this.probed(() => this.rise()),
      () => this.probed(() => setTimeout(() => this.probe(), PROBE_AGAIN_MS).unref()),
    );
  }

  private probed(next: () => void): void {
    this.isProbing = false;
    next();
  }

  /** Destroyed while it was connecting, the client connects all the same. */
  private ready(client: RedisClient): void {
    this.established += 1;
    if (this.closed) client.destroy();
    else this.rise();
  }

  private rise(): void {
    if (this.open || this.closed || !this.client?.isReady) return;
    this.open = true;
    this.isReported = false;
    up.set(1);
    this.log.info('redis is up');
    this.tell(true);
  }

  private fall(reason: string): void {
    if (this.closed) return;
    const wasOpen = this.open;
    this.open = false;
    this.giveUpAll();
    if (!wasOpen && this.isReported) return;
    this.isReported = true;
    up.set(0);
    this.log.warn('redis is away: cache and limits go on in the memory of each instance', { reason });
    this.tell(false);
    this.probe();
  }

  private giveUpAll(): void {
    for (const deadline of this.running) deadline.giveUp(AWAY);
    this.running.clear();
  }

  /** This runs in events of the socket, where an error would end the process. */
  private tell(isUp: boolean): void {
    for (const listener of this.listeners) {
      try {
        listener(isUp);
      } catch (error) {
        this.log.error('a listener failed', { error });
      }
    }
  }
}
