import { beforeEach, expect, it } from '@jest/globals';
import { limitKey, RateLimitStore, type Verdict } from '@app/throttling';
import { randomUUID } from 'node:crypto';
import { until } from './waiting.js';

const MINUTE = { limit: 5, windowMs: 60_000 };
const SHORT = { limit: 5, windowMs: 300 };

/** What every store does, against the clock on the wall: no step depends on how fast the machine is. */
export function keepsTheContractOfStores(current: () => RateLimitStore): void {
  let key: string;
  let store: RateLimitStore;
  beforeEach(() => {
    key = limitKey(randomUUID(), 'test');
    store = current();
  });

  const take = (cost = 1, rule: { limit: number; windowMs: number; blockMs?: number } = MINUTE) =>
    store.take({ ...rule, key, cost });

  it('as many hits as the limit → admitted with one less left each time, then denied', async () => {
    const verdicts: Verdict[] = [];
    for (let hit = 0; hit < 7; hit += 1) verdicts.push(await take());
    expect(verdicts.map(({ admitted, remaining }) => [admitted, remaining])).toEqual([
      [true, 4],
      [true, 3],
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
      [false, 0],
    ]);
    expect(verdicts.map(({ waitMs }) => waitMs > 0)).toEqual([false, false, false, false, true, true, true]);
  });

  it('200 hits at the same time → exactly the limit', async () => {
    const verdicts = await Promise.all(Array.from({ length: 200 }, () => take(1, { limit: 50, windowMs: 60_000 })));
    expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(50);
  });

  it('hits without a pause over several windows → no window has more than the limit, and each gets some', async () => {
    const counted: { at: number; cost: number }[] = [];
    const end = performance.now() + 4 * SHORT.windowMs;
    for (let hit = 0; performance.now() < end; hit += 1) {
      const cost = 1 + (hit % 3);
      const { admitted, at } = await take(cost, SHORT);
      if (admitted) counted.push({ at, cost });
      await new Promise(setImmediate);
    }
    const sums = counted.map(({ at }) =>
      counted.reduce((sum, other) => sum + (other.at > at - SHORT.windowMs && other.at <= at ? other.cost : 0), 0),
    );
    expect(Math.max(...sums)).toBeLessThanOrEqual(SHORT.limit);
    expect(counted.reduce((sum, { cost }) => sum + cost, 0)).toBeGreaterThan(SHORT.limit);
  });

  it('denied → told how long to wait: not before, and then at once', async () => {
    const { at, waitMs } = await take(5, SHORT).then(() => take(1, SHORT));
    expect(waitMs).toBeGreaterThan(0);
    let next: Verdict | undefined;
    await until(async () => (next = await take(1, SHORT)).admitted);
    expect(next?.at).toBeGreaterThanOrEqual(at + waitMs);
  });

  it('a look → counts nothing, and says whether one more would be admitted', async () => {
    expect(await store.peek(key, MINUTE)).toMatchObject({ admitted: true, remaining: 5, waitMs: 0, resetMs: 0 });
    await take(4);
    for (let look = 0; look < 3; look += 1)
      expect(await store.peek(key, MINUTE)).toMatchObject({ admitted: true, remaining: 1, waitMs: 0 });
    await take(1);
    const full = await store.peek(key, MINUTE);
    expect(full).toMatchObject({ admitted: false, remaining: 0 });
    expect(full.waitMs).toBeGreaterThan(0);
  });

  it('a hit that weighs more than is left → all of it is denied; more than the limit counts as the limit', async () => {
    await take(3);
    expect(await take(3)).toMatchObject({ admitted: false, remaining: 2 });
    expect(await take(2)).toMatchObject({ admitted: true, remaining: 0 });
    await store.clear(key);
    expect(await take(99)).toMatchObject({ admitted: true, remaining: 0 });
  });

  it('several keys in one call → each for itself, in their order', async () => {
    const other = limitKey(randomUUID(), 'other');
    const hits = [
      { ...MINUTE, key, cost: 2 },
      { ...MINUTE, key: other, limit: 9, cost: 0 },
    ];
    const before = await store.takeAll(hits);
    expect(before.map(({ remaining }) => remaining)).toEqual([3, 9]);
    const after = await store.takeAll(hits.toReversed());
    expect(after.map(({ remaining }) => remaining)).toEqual([9, 1]);
  });

  it('given back → free again, in one call for several keys; what is free stays free', async () => {
    const other = limitKey(randomUUID(), 'other');
    const hits = [key, other].map((name) => ({ ...MINUTE, key: name, cost: 2 }));
    const verdicts = await store.takeAll(hits);
    const charges = hits.map((hit, index) => ({ ...hit, at: verdicts[index]?.at ?? 0, isLocal: isLocal(verdicts) }));
    await store.giveBack(charges);
    await store.giveBack(charges);
    const looks = await Promise.all(hits.map((hit) => store.peek(hit.key, MINUTE)));
    expect(looks.map(({ remaining, resetMs }) => [remaining, resetMs])).toEqual([
      [5, 0],
      [5, 0],
    ]);
  });

  it('cleared → as if nothing had been', async () => {
    await take(5);
    await store.clear(key);
    expect(await take()).toMatchObject({ admitted: true, remaining: 4, resetBeforeMs: 0 });
  });

  it('a block that is given → denied for so long, though the window has room again', async () => {
    const rule = { ...SHORT, windowMs: 50, blockMs: 400 };
    await take(5, rule);
    const denied = await take(1, rule);
    expect(denied).toMatchObject({ admitted: false, remaining: 0, waitMs: 400 });
    let next: Verdict | undefined;
    await until(async () => (next = await take(1, rule)).admitted);
    expect(next?.at).toBeGreaterThanOrEqual(denied.at + 400);
  });

  it('a limit of 0 → nothing is admitted', async () => {
    expect(await take(1, { ...MINUTE, limit: 0 })).toMatchObject({ admitted: false, remaining: 0 });
  });

  it('asked as the package asks its storage → hits counted, then blocked until there is room', async () => {
    const ask = () => store.increment(key, 60_000, 2, 60_000, 'default');
    const records = [await ask(), await ask(), await ask()];
    expect(records.map(({ totalHits, isBlocked }) => [totalHits, isBlocked])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(records.map(({ timeToExpire }) => timeToExpire)).toEqual([60, 60, 60]);
    expect(records[2]?.timeToBlockExpire).toBeGreaterThan(0);
  });
}

function isLocal(verdicts: readonly Verdict[]): boolean {
  return verdicts.some((verdict) => verdict.isLocal);
}
