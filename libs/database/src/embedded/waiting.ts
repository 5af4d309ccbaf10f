import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a promise, but not longer than `limitMs`.
 *
 * @returns true when the promise resolved in time, false when time ran out; rejects as the promise does
 */
export async function resolvesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const timer = new AbortController();
  const inTime = promise.then(() => true);
  try {
    return await Promise.race([inTime, delay(limitMs, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/**
 * Asks again and again, every 25 ms, until the answer is true or `limitMs` is over.
 *
 * @returns whether the answer became true in time
 */
export async function becomesTrue(ask: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!(await ask())) {
    if (Date.now() >= deadline) return false;
    await delay(25);
  }
  return true;
}
