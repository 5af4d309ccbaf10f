import { beforeEach, describe, expect, it } from '@jest/globals';
import { limitKey, MemoryRateLimitStore } from '@app/throttling';
import { keepsTheContractOfStores } from '../support/rate-limit-store.contract.js';

let store: MemoryRateLimitStore;
beforeEach(() => {
  store = new MemoryRateLimitStore();
});

describe('limits in the memory of the process', () => {
  keepsTheContractOfStores(() => store);

  it('more keys than it keeps → those that were asked for longest ago go', async () => {
    const rule = { limit: 1, windowMs: 60_000, cost: 1 };
    const hit = (name: number) => store.take({ ...rule, key: limitKey(String(name), 'test') });
    for (let name = 0; name < 60_000; name += 1) await hit(name);
    expect((await hit(59_999)).admitted).toBe(false);
    expect((await hit(0)).admitted).toBe(true);
  });
});
