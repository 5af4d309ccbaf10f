import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { limitKey, MemoryRateLimitStore, PortionedRateLimitStore } from '@app/throttling';
import { keepsTheContractOfStores } from '../support/rate-limit-store.contract.js';

const KEY = limitKey('u:1', 'default');
const LARGE = { key: KEY, limit: 10_000, windowMs: 60_000, cost: 1 };

let shared: MemoryRateLimitStore;
let trips: number;
let store: PortionedRateLimitStore;
beforeEach(() => {
  shared = new MemoryRateLimitStore();
  const takeAll = jest.spyOn(shared, 'takeAll');
  store = new PortionedRateLimitStore(shared);
  trips = 0;
  takeAll.mockImplementation((hits) => {
    trips += 1;
    return MemoryRateLimitStore.prototype.takeAll.call(shared, hits);
  });
});

async function admitted(by: PortionedRateLimitStore, count: number): Promise<number> {
  let sum = 0;
  for (let n = 0; n < count; n += 1) if ((await by.take(LARGE)).admitted) sum += 1;
  return sum;
}

describe('limits in portions', () => {
  keepsTheContractOfStores(() => store);

  it('a limit of 10,000 → ten hits a trip, and exactly the limit', async () => {
    expect(await admitted(store, 5_000)).toBe(5_000);
    expect(trips).toBeLessThan(1_000);
    expect(await admitted(store, 6_000)).toBe(5_000);
  });

  it('2,500 at the same moment → exactly the limit of 2,000', async () => {
    const hit = { ...LARGE, limit: 2_000, windowMs: 600_000 };
    const verdicts = await Promise.all(Array.from({ length: 2_500 }, () => store.take(hit)));
    expect(verdicts.filter((verdict) => verdict.admitted)).toHaveLength(2_000);
  });

  it('each hit → one less remains', async () => {
    const remaining: number[] = [];
    for (let n = 0; n < 25; n += 1) remaining.push((await store.take(LARGE)).remaining);
    expect(remaining).toEqual(Array.from({ length: 25 }, (_, n) => 9_999 - n));
  });

  it('a limit below 2,000 → each hit is a trip', async () => {
    for (let n = 0; n < 20; n += 1) await store.take({ ...LARGE, limit: 1_999 });
    expect(trips).toBe(20);
  });

  it('three instances at once → never more than the limit, and all but what they hold', async () => {
    const stores = [store, new PortionedRateLimitStore(shared), new PortionedRateLimitStore(shared)];
    const sums = await Promise.all(stores.map((each) => admitted(each, 5_000)));
    const sum = sums.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(10_000);
    expect(sum).toBeGreaterThan(9_970);
  });

  it('what was charged from a portion, given back → is there again', async () => {
    const first = await store.take(LARGE);
    await store.giveBack([{ ...LARGE, at: first.at, isLocal: first.isLocal }]);
    expect((await store.take(LARGE)).remaining).toBe(first.remaining);
  });

  it('a portion that is over → what was left of it goes back', async () => {
    await store.take(LARGE);
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 101);
    await store.take(LARGE);
    clock.mockRestore();
    expect((await shared.peek(KEY, LARGE)).remaining).toBe(10_000 - 1 - 10);
  });
});
