/** How long a value counts, and what makes it wrong before that. */
export interface CachePolicy {
  /** Milliseconds for which the value is served without asking (± 10 %, so that entries do not expire together). */
  readonly ttlMs: number;
  /** Milliseconds after that in which it may still be served: while it is renewed, or when it cannot be. */
  readonly staleMs: number;
  /** Names of what the value was made from; `invalidate` of any of them drops it. */
  readonly tags: readonly string[];
}

/** A value on a level of the cache. Plain JSON; times are milliseconds since the epoch. */
export interface Entry<T = unknown> {
  readonly value: T;
  readonly freshUntil: number;
  readonly staleUntil: number;
}

const JITTER = 0.1;
/** "There is none" is believed for a short time only. */
const NEGATIVE_MS = 5_000;

/** @param random 0 to 1, spreads the lifetimes. */
export function newEntry<T>(value: T, { ttlMs, staleMs }: CachePolicy, at: { now: number; random: number }): Entry<T> {
  const isNegative = value === null;
  const ttl = (isNegative ? Math.min(ttlMs, NEGATIVE_MS) : ttlMs) * (1 - JITTER + 2 * JITTER * at.random);
  const freshUntil = at.now + Math.round(ttl);
  return { value, freshUntil, staleUntil: isNegative ? freshUntil : freshUntil + staleMs };
}

export function isEntry(candidate: unknown): candidate is Entry {
  if (typeof candidate !== 'object' || candidate === null || !('value' in candidate)) return false;
  return 'freshUntil' in candidate && 'staleUntil' in candidate;
}
