import type { ThrottlerStorage } from '@nestjs/throttler';

/** So many units in any window of this length. */
export interface Rule {
  readonly limit: number;
  /** Whole milliseconds. */
  readonly windowMs: number;
  /** Once denied, everything is denied for so long; 0 or missing: only until the window has room again. */
  readonly blockMs?: number;
}

/** Something that is counted under a key. */
export interface Hit extends Rule {
  readonly key: string;
  /** Units, 0 to look only. More than the limit counts as the limit. */
  readonly cost: number;
}

/** What became of a hit. Times are milliseconds from now. */
export interface Verdict {
  /** All of the hit was counted, or none; of a look: whether one more unit would be. */
  readonly admitted: boolean;
  readonly remaining: number;
  /** Until there is room for what was denied, or for one unit where none is left; otherwise 0. */
  readonly waitMs: number;
  /** Until the window is empty. */
  readonly resetMs: number;
  /** The same, as it was without this hit. */
  readonly resetBeforeMs: number;
  /** When it was counted, by the clock of the store that counted it. */
  readonly at: number;
  /** Counted by this instance alone, because the shared store did not answer. */
  readonly isLocal: boolean;
}

/** A hit that was counted, so that it can be taken back. */
export interface Charge extends Hit {
  readonly at: number;
  readonly isLocal: boolean;
}

/**
 * Counts hits in sliding windows: no window of the length of a rule, wherever it begins, ever has more than its limit.
 * Denied hits are not counted. Nothing here rejects because another machine is away.
 *
 * It is a `ThrottlerStorage` as well, so that the guard of `@nestjs/throttler` works with it.
 */
export abstract class RateLimitStore implements ThrottlerStorage {
  /** Each for itself, in one round trip. @returns the verdicts in the order of the hits. */
  abstract takeAll(hits: readonly Hit[]): Promise<readonly Verdict[]>;

  /** Makes charges undone, in one round trip. */
  abstract giveBack(charges: readonly Charge[]): Promise<void>;

  /** Forgets all that was counted under a key. */
  abstract clear(key: string): Promise<void>;

  async take(hit: Hit): Promise<Verdict> {
    const [verdict] = await this.takeAll([hit]);
    if (!verdict) throw new Error('the store gave no verdict');
    return verdict;
  }

  /** Looks and counts nothing. */
  peek(key: string, rule: Rule): Promise<Verdict> {
    return this.take({ ...rule, key, cost: 0 });
  }

  /** As the package's guard asks: milliseconds in, seconds out. It sends the window as `blockDuration` if there is none. */
  async increment(key: string, ttl: number, limit: number, blockDuration: number, throttlerName: string) {
    const blockMs = blockDuration === ttl ? 0 : blockDuration;
    const verdict = await this.take({ key: limitKey(key, throttlerName), limit, windowMs: ttl, cost: 1, blockMs });
    return {
      totalHits: verdict.admitted ? limit - verdict.remaining : limit + 1,
      timeToExpire: Math.ceil(verdict.resetMs / 1_000),
      isBlocked: !verdict.admitted,
      timeToBlockExpire: verdict.admitted ? 0 : Math.ceil(verdict.waitMs / 1_000),
    };
  }
}

/**
 * @param tracker whose budget it is. In braces, so that a Redis cluster keeps all budgets of one tracker together.
 * @param bucket which of his budgets.
 */
export function limitKey(tracker: string, bucket: string): string {
  return `{${tracker}}:${bucket}`;
}
