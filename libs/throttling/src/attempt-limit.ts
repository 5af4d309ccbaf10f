import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { clientAddress } from './client-address.js';
import { RateLimitOptions } from './rate-limit-options.js';
import { limitKey, RateLimitStore, type Rule, type Verdict } from './store/rate-limit-store.js';

const MAX_LOCKED = 10_000;

/** Locks after so many failures in a window, on all instances together. Whoever asks counts failures, never attempts. */
@Injectable()
export class AttemptLimit {
  private readonly rule: Rule;
  /** Until when, in milliseconds: what is locked stays so when Redis forgets or goes away. */
  private readonly locked: LRUCache<string, number>;

  constructor(
    private readonly store: RateLimitStore,
    { attempts }: RateLimitOptions,
  ) {
    this.rule = { limit: attempts.maxFailures, windowMs: attempts.windowS * 1_000 };
    this.locked = new LRUCache({ max: MAX_LOCKED });
  }

  /**
   * Names who tries what from where, so that nobody can read it out of Redis again.
   *
   * @param subject the account, whether it exists or not, in its one spelling.
   */
  keyOf(subject: string, ip: string | null): string {
    const digest = hash('sha256', `${subject}\0${clientAddress(ip ?? undefined)}`, 'base64url');
    return limitKey(digest, 'failures');
  }

  /** @returns milliseconds until the lock opens, 0 when there is none. */
  async lockedMs(key: string): Promise<number> {
    const left = (this.locked.get(key) ?? 0) - performance.now();
    return left > 0 ? left : this.remember(key, await this.store.peek(key, this.rule));
  }

  /**
   * Counts a failure. Of failures at the same time exactly as many as are allowed get 0, and one of these locks.
   *
   * @returns milliseconds until the lock opens, 0 when this failure was still allowed; and whether it was the last one.
   */
  async fail(key: string): Promise<{ readonly lockedMs: number; readonly hasLocked: boolean }> {
    const verdict = await this.store.take({ ...this.rule, key, cost: 1 });
    return { lockedMs: this.remember(key, verdict), hasLocked: verdict.admitted && verdict.remaining === 0 };
  }

  /** After a success. */
  async clear(key: string): Promise<void> {
    this.locked.delete(key);
    await this.store.clear(key);
  }

  private remember(key: string, { admitted, waitMs }: Verdict): number {
    if (admitted) return 0;
    this.locked.set(key, performance.now() + waitMs);
    return Math.max(1, waitMs);
  }
}
