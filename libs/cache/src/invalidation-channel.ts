import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { type RedisClient, RedisConnection, RedisSubscriber } from '@app/redis';
import { Acknowledgements } from './acknowledgements.js';
import { invalidations } from './cache.metrics.js';
import type { Notice } from './notice.js';
import { PendingTags } from './pending-tags.js';
import { EVERYTHING, RedisLevel } from './redis-level.js';

const CHANNEL = 'plinth:cache:invalidations';
const ACK_CHANNEL = 'plinth:cache:acknowledgements:';
/** How long a writer waits for the other instances; one that cannot hear stops trusting its memory by itself. */
const ACK_TIMEOUT_MS = 50;
/** After an outage of this length somebody may have missed something that we cannot know of. */
const LONG_OUTAGE_MS = 1_000;
/** What memory is worth without a look at Redis, although every message is heard: for one that went astray. */
const HEARING_MS = 30_000;
/** What it is worth while this instance may not hear what the others change. */
const DEAF_MS = 1_000;
/** Redis is there and refuses (no disk, a replica): how often to try again. */
const TRY_AGAIN_MS = 200;

/**
 * Tells every instance what has changed, and knows when all have heard.
 *
 * PUBLISH returns how many instances it reached, and each of them, this one too, acknowledges. While Redis is away, tags
 * are kept and told when it is back, before anything is read from it again.
 */
@Injectable()
export class InvalidationChannel implements OnApplicationShutdown {
  private readonly log = new AppLogger(InvalidationChannel.name);
  private readonly instance = randomUUID();
  private readonly acknowledgements = new Acknowledgements();
  private readonly pending = new PendingTags();
  private last = 0;
  private isOpen = false;
  private isClosed = false;
  private awaySince = 0;
  private connection = 0;
  private catchingUp: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private dropTags: (tags: readonly string[]) => void = () => undefined;

  constructor(
    private readonly redis: RedisConnection,
    private readonly subscriber: RedisSubscriber,
    private readonly level: RedisLevel,
  ) {}

  /** @param dropTags forgets what this instance has in its memory. */
  async open(dropTags: (tags: readonly string[]) => void): Promise<void> {
    this.dropTags = dropTags;
    if (!this.redis.isConfigured) return;
    await this.level.prepare();
    this.subscriber.subscribe(CHANNEL, (message) => this.hear(message));
    this.subscriber.subscribe(ACK_CHANNEL + this.instance, (message) => this.acknowledgements.hear(Number(message)));
    this.subscriber.onGap(() => dropTags([EVERYTHING]));
    this.redis.onChange((isUp) => (isUp ? void this.catchUp() : this.close()));
    if (this.redis.isCluster) this.redis.onChange((isUp) => isUp && dropTags([EVERYTHING])); // the same connection hears
    if (this.redis.isUp) await this.catchUp();
  }

  /** Whether Redis can be read: it is there, and knows everything that this instance has changed. */
  get isCaughtUp(): boolean {
    return this.isOpen && this.redis.isUp;
  }

  /** Milliseconds for which memory is trusted since its value was known to be true. */
  get trustedMs(): number {
    if (!this.redis.isConfigured) return Infinity;
    return this.isHearing ? HEARING_MS : DEAF_MS;
  }

  /** Whether every message is heard at once. While a node of a cluster is away, some cannot even be sent. */
  get isHearing(): boolean {
    if (this.redis.isCluster && !this.redis.isUp) return false;
    return !this.redis.isConfigured || this.subscriber.isConfirmed;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.retry);
    this.isClosed = true;
  }

  /** Resolves when every instance has dropped what hangs on the tags, or 50 ms later. */
  async announce(tags: readonly string[]): Promise<void> {
    if (!this.redis.isConfigured) return;
    if (!this.isCaughtUp) {
      this.defer(tags);
      // What is being told at this moment takes them along.
      return this.catchingUp && Promise.race([this.catchingUp, delay(ACK_TIMEOUT_MS)]);
    }
    try {
      await this.tell(tags);
    } catch (error) {
      this.log.debug('an invalidation waits for Redis', { error });
      this.defer(tags);
      await this.warn(tags);
    }
  }

  private async tell(tags: readonly string[]): Promise<void> {
    await this.send({ tags }, (client) => this.level.drop(client, tags));
  }

  /** Redis is there, but would not drop the tags: it must not be read by anybody until it has. */
  private async warn(tags: readonly string[]): Promise<void> {
    if (!this.redis.isUp) return;
    this.tryAgain();
    try {
      await this.send({ tags, isRefused: true });
    } catch (error) {
      this.log.debug('the other instances could not be warned', { error });
    }
  }

  /** @param first is done in Redis before anybody hears the notice: what is read after it is new. */
  private async send(
    notice: Pick<Notice, 'tags' | 'isRefused'>,
    first?: (client: RedisClient) => Promise<void>,
  ): Promise<void> {
    this.last += 1;
    const number = this.last;
    const message = JSON.stringify({ from: this.instance, number, ...notice } satisfies Notice);
    const complete = this.acknowledgements.wait(number, ACK_TIMEOUT_MS);
    try {
      this.acknowledgements.expect(number, await this.redis.publish(CHANNEL, message, first));
    } catch (error) {
      this.acknowledgements.giveUp(number);
      throw error;
    }
    invalidations.inc({ outcome: (await complete) ? 'acknowledged' : 'unacknowledged' });
  }

  private hear(message: string): void {
    const { from, number, tags, isRefused = false }: Notice = JSON.parse(message); // only instances write to this channel
    if (from === this.instance) return this.acknowledgements.hear(number);
    this.dropTags(tags);
    if (isRefused) {
      this.defer(tags);
      this.tryAgain();
    }
    this.redis
      .publish(ACK_CHANNEL + from, String(number))
      .catch((error: unknown) => this.log.debug('could not acknowledge an invalidation', { error }));
  }

  /** Until Redis knows of the tags, it is not read. */
  private defer(tags: readonly string[]): void {
    invalidations.inc({ outcome: 'deferred' });
    this.pending.add(tags);
    this.close();
  }

  private close(): void {
    if (this.isOpen) this.awaySince = Date.now();
    this.isOpen = false;
  }

  private tryAgain(): void {
    if (this.isClosed) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.catchUp(), TRY_AGAIN_MS).unref();
  }

  /** Redis is back, or takes commands again: first it learns what happened meanwhile. */
  private async catchUp(): Promise<void> {
    if (this.catchingUp) return;
    if (this.mayHaveMissed()) this.pending.add([EVERYTHING]);
    this.catchingUp = this.tellPending();
    await this.catchingUp;
    this.catchingUp = undefined;
  }

  /** One that was killed may have changed what it could not tell; a Redis behind another connection may have forgotten. */
  private mayHaveMissed(): boolean {
    const isOther = this.connection !== this.redis.connections;
    this.connection = this.redis.connections;
    return isOther || (this.awaySince > 0 && Date.now() - this.awaySince > LONG_OUTAGE_MS);
  }

  private async tellPending(): Promise<void> {
    while (this.redis.isUp && !this.pending.isEmpty) {
      const tags = this.pending.take();
      try {
        await this.tell(tags);
      } catch (error) {
        this.log.debug('an invalidation waits for Redis', { error });
        this.pending.add(tags);
        return this.tryAgain(); // when it has gone away, its return calls as well
      }
    }
    this.isOpen = this.redis.isUp;
    this.awaySince = 0;
  }
}
