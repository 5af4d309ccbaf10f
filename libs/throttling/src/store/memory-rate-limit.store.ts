import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Charge, type Hit, RateLimitStore, type Verdict } from './rate-limit-store.js';
import { SlidingWindow } from './sliding-window.js';

/** Keys beyond that push out the one that was asked for longest ago. */
const MAX_KEYS = 50_000;

/**
 * Counts in the memory of the process: of a single instance, or while the shared store does not answer. It is bounded by
 * its number of keys, and a key by its slots; no timer runs.
 */
@Injectable()
export class MemoryRateLimitStore extends RateLimitStore {
  private readonly windows = new LRUCache<string, SlidingWindow>({ max: MAX_KEYS });

  override takeAll(hits: readonly Hit[]): Promise<readonly Verdict[]> {
    return Promise.resolve(hits.map((hit) => this.window(hit).take(hit, now())));
  }

  /** Counts what the shared store has admitted, so that the limit holds here when that goes away. */
  note(hit: Hit): void {
    this.window(hit).note(hit, now());
  }

  override giveBack(charges: readonly Charge[]): Promise<void> {
    // Of a charge that another clock has timed, only this is known here: it is among the newest.
    for (const charge of charges)
      this.windows.get(charge.key)?.giveBack(charge, charge.isLocal ? charge.at : Number.MAX_SAFE_INTEGER);
    return Promise.resolve();
  }

  override clear(key: string): Promise<void> {
    this.windows.delete(key);
    return Promise.resolve();
  }

  /** A look leaves nothing behind. */
  private window({ key, cost }: Hit): SlidingWindow {
    const known = this.windows.get(key);
    if (known) return known;
    const window = new SlidingWindow();
    if (cost > 0) this.windows.set(key, window);
    return window;
  }
}

/** Wall time that is never set back or forward. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
