import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import { served, tellMemory } from './cache.metrics.js';
import { CacheOptions } from './cache-options.js';
import type { CachePolicy, Entry } from './entry.js';
import { Flight, Flights } from './flights.js';
import { freeze } from './freeze.js';
import { InvalidationChannel } from './invalidation-channel.js';
import { type MemoryEntry, MemoryLevel } from './memory-level.js';
import { EVERYTHING } from './redis-level.js';
import { isAnswer, SharedLoader } from './shared-loader.js';
import type { Sourced } from './source.js';

/** Stale entries renewed at once; more are served stale until one of them is done. */
const MAX_RENEWALS = 20;
/** Of an entry beside its value, in characters. */
const ENTRY_OVERHEAD = 300;

/**
 * Memory, then Redis, then the loader.
 *
 * One load for all who ask at once, in this process and across instances. A value past its time is served while it is
 * renewed, and when it cannot be renewed. What was invalidated is never served again, to whoever asks after
 * {@link invalidate} has resolved; docs/caching.md says how, and what holds while an instance is cut off.
 */
@Injectable()
export class LayeredCache implements OnModuleInit {
  private readonly log = new AppLogger(LayeredCache.name);
  private readonly memory = new MemoryLevel();
  private readonly flights = new Flights();
  private renewals = 0;

  constructor(
    private readonly options: CacheOptions,
    private readonly loader: SharedLoader,
    private readonly channel: InvalidationChannel,
    private readonly transaction: Transaction,
  ) {}

  async onModuleInit(): Promise<void> {
    this.transaction.onChange((names) => this.invalidate(...names));
    await this.channel.open((tags) => this.forget(tags));
  }

  /** Whether anything is kept at all. */
  get isEnabled(): boolean {
    return this.options.enabled;
  }

  /** Whether Redis is read, and hears and tells what changes; false in single-instance mode and while Redis is away. */
  get isShared(): boolean {
    return this.channel.isCaughtUp && this.channel.isHearing;
  }

  /**
   * The value of `key`, loaded when it is nowhere.
   *
   * @param key says everything that the value depends on; whose it is, when it is not everybody's.
   * @param load its result is kept as JSON keeps it (a `Date` becomes a text) and frozen; `null` is kept for 5 s at most.
   * @throws whatever `load` throws, unless a stale value can stand in; errors are not kept.
   */
  async wrap<T>(key: string, load: () => Promise<T>, policy: CachePolicy): Promise<T> {
    return (await this.lookup(key, load, policy)).value;
  }

  /** {@link wrap}, and where the value came from. Within a transaction, which may see what nobody else does, nothing is kept. */
  async lookup<T>(key: string, load: () => Promise<T>, policy: CachePolicy): Promise<Sourced<T>> {
    if (!this.options.enabled || this.transaction.isRunning) return { value: await load(), source: 'loaded' };
    const hit = this.peek<T>(key);
    if (hit) return hit;
    const found = await this.join(key, load, policy);
    served[found.source].inc();
    return found;
  }

  /** What memory can answer at once; undefined: ask {@link lookup}. */
  peek<T>(key: string): Sourced<T> | undefined {
    const entry = this.memory.get(key);
    if (!entry || !this.options.enabled || !this.isTrusted(entry)) return undefined;
    served.L1.inc();
    return typed<T>({ value: entry.value, source: 'L1' });
  }

  /** After the commit. Resolves when every instance that can be reached has forgotten, after 50 ms at most. */
  async invalidate(...tags: readonly string[]): Promise<void> {
    this.forget(tags);
    await this.channel.announce(tags);
  }

  private forget(tags: readonly string[]): void {
    const isEverything = tags.includes(EVERYTHING);
    this.flights.kill((flown) => isEverything || flown.some((tag) => tags.includes(tag)));
    if (isEverything) this.memory.clear();
    else this.memory.dropTags(tags);
    tellMemory(this.memory.size);
  }

  private isTrusted({ freshUntil, confirmedAt }: MemoryEntry): boolean {
    const now = Date.now();
    return now < freshUntil && now - confirmedAt < this.channel.trustedMs;
  }

  private async join<T>(key: string, load: () => Promise<T>, policy: CachePolicy): Promise<Sourced<T>> {
    const running = this.flights.find(key);
    const stale = this.channel.isHearing ? this.stale(key) : undefined;
    if (stale && !running) this.renew(key, load, policy);
    const found = stale
      ? { value: stale.value, source: 'stale' as const }
      : (running ?? this.begin(key, load, policy)).result;
    return typed<T>(await found);
  }

  private stale(key: string): MemoryEntry | undefined {
    const entry = this.memory.get(key);
    const now = Date.now();
    return entry && now >= entry.freshUntil && now < entry.staleUntil ? entry : undefined;
  }

  private renew(key: string, load: () => Promise<unknown>, policy: CachePolicy): void {
    if (this.renewals >= MAX_RENEWALS) return;
    this.renewals += 1;
    this.begin(key, load, policy)
      .result.catch((error: unknown) => this.log.warn('a stale value could not be renewed', { key, error }))
      .finally(() => (this.renewals -= 1));
  }

  private begin(key: string, load: () => Promise<unknown>, policy: CachePolicy): Flight {
    return this.flights.begin(new Flight(key, policy.tags), (flight) => this.fly(flight, load, policy));
  }

  private async fly(flight: Flight, load: () => Promise<unknown>, policy: CachePolicy): Promise<Sourced<unknown>> {
    try {
      const { entry, source } = await this.loader.bring(flight, load, policy);
      freeze(entry.value);
      if (source !== 'stale' && !flight.isDead) this.keep(flight, entry);
      return { value: entry.value, source };
    } catch (error) {
      return this.standIn(flight, error);
    }
  }

  private keep(flight: Flight, entry: Entry): void {
    const size = ENTRY_OVERHEAD + flight.key.length + JSON.stringify(entry.value).length;
    this.memory.set(flight.key, { ...entry, confirmedAt: flight.startedAt, tags: flight.tags, size });
    tellMemory(this.memory.size);
  }

  /** A value past its time is better than an error, unless the error is the answer: not found, not allowed. */
  private standIn({ key }: Flight, error: unknown): Sourced<unknown> {
    if (isAnswer(error)) this.memory.delete(key);
    const entry = this.memory.get(key);
    if (!entry || Date.now() >= entry.staleUntil) throw error;
    this.log.warn('a value could not be loaded; a stale one stands in', { key, error });
    return { value: entry.value, source: 'stale' };
  }
}

function typed<T>(found: Sourced<unknown>): Sourced<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key has one loader, which gave the type
  return found as Sourced<T>;
}
