import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { BoundedCommands } from './bounded-commands.js';
import { RedisAwayError } from './redis-away.error.js';
import { isConfigured, newLink } from './link/new-link.js';
import type { RedisLink } from './link/redis-link.js';
import type { RedisClient } from './redis-client.js';
import { WriteRefusal } from './write-refusal.js';
import { failures, showStart, up } from './redis.metrics.js';
import { reasonOf } from './redis-errors.js';
import { RedisOptions } from './redis-options.js';

const DEADLINE_MS = 50;
/** At the start, for a Redis that is there; one that is not makes nobody wait. */
const FIRST_CONNECT_MS = 500;
const PROBE_AGAIN_MS = 200;
/** Of a cluster, whose idle nodes nobody would miss: it is noticed when one of them cannot tell what others changed. */
const LOOK_EVERY_MS = 500;

const NOT_CONFIGURED = new RedisAwayError('Redis is not configured');
const AWAY = new RedisAwayError('Redis is away');

/**
 * The connection for commands, and the breaker in front of it.
 *
 * No command takes longer than 50 ms. The first one that does opens the breaker: whatever else is under way is given up,
 * and nobody asks Redis again until it has answered a PING. So one request waits once, however many commands it needs.
 * Of a cluster, all nodes must answer: a value that hangs on several of them is worth nothing without one.
 */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new AppLogger(RedisConnection.name);
  private readonly listeners: ((isUp: boolean) => void)[] = [];
  private established = 0;
  private link: RedisLink | undefined;
  private open = false;
  private closed = false;
  private isProbing = false;
  private isReported = false;
  private look: NodeJS.Timeout | undefined;
  private readonly refusal = new WriteRefusal();
  private readonly commands = new BoundedCommands(DEADLINE_MS, {
    judge: (error) => this.judge(error),
    tooLate: () => this.tooLate(),
  });

  constructor(private readonly options: RedisOptions) {}

  /** False in single-instance mode: there is nobody to share anything with. */
  get isConfigured(): boolean {
    return this.options.url !== undefined;
  }

  /** Whether keys of different hash tags are on different nodes. */
  get isCluster(): boolean {
    return this.options.isCluster === true;
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
    showStart(this.isConfigured);
    if (!isConfigured(this.options)) {
      this.log.info('no REDIS_URL: a single instance, with cache and limits in its own memory');
      return;
    }
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    setTimeout(settle, FIRST_CONNECT_MS).unref();
    const link = await newLink(this.options, {
      ready: () => (this.ready(), settle()),
      lost: (error) => (this.fall(reasonOf(error)), settle()),
    });
    this.link = link;
    link.open();
    if (this.isCluster) this.look = setInterval(() => void this.lookAround(), LOOK_EVERY_MS).unref();
    await settled;
  }

  onApplicationShutdown(): void {
    this.closed = true;
    this.open = false;
    this.commands.giveUp(AWAY);
    clearInterval(this.look);
    this.refusal.stop();
    this.link?.close();
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
    return this.commands.run(command(this.usable().client));
  }

  /**
   * @param first is done before anybody hears; in one round trip with the message where that can be.
   * @returns how many instances got the message. @throws as {@link run}
   */
  async publish(channel: string, message: string, first?: (client: RedisClient) => Promise<unknown>): Promise<number> {
    return this.commands.run(this.usable().publish(channel, message, first));
  }

  private async lookAround(): Promise<void> {
    if (this.open && this.link) await this.commands.run(this.link.check()).catch(() => undefined); // the breaker has heard
  }

  private usable(): RedisLink {
    if (!this.open || !this.link) throw this.isConfigured ? AWAY : NOT_CONFIGURED;
    return this.link;
  }

  /** An error reply is for the caller to hear (out of memory, a script that is not loaded), and Redis is well. */
  private judge(error: unknown): Error {
    if (error instanceof Error && this.link?.isReply(error)) {
      failures.inc({ kind: 'reply' });
      this.refusal.notice(error, async () => this.commands.run(this.usable().tryToWrite()));
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

  private probe(): void {
    if (this.isProbing || this.open || this.closed || !this.link?.isReady) return;
    this.isProbing = true;
    this.link.check().then(
      () => this.probed(() => this.rise()),
      () => this.probed(() => setTimeout(() => this.probe(), PROBE_AGAIN_MS).unref()),
    );
  }

  private probed(next: () => void): void {
    this.isProbing = false;
    next();
  }

  private ready(): void {
    this.established += 1;
    this.rise();
  }

  private rise(): void {
    if (this.open || this.closed || !this.link?.isReady) return;
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
    this.commands.giveUp(AWAY);
    if (!wasOpen && this.isReported) return;
    this.isReported = true;
    up.set(0);
    this.log.warn('redis is away: cache and limits go on in the memory of each instance', { reason });
    this.tell(false);
    this.probe();
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
