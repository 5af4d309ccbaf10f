import { describe, expect, it } from '@jest/globals';
import { ConcurrencyLimit } from './concurrency-limit.js';

const OPTIONS = { min: 16, start: 100, max: 1_000, targetMs: 100 };

let now = 0;

/** Ten answers in each of so many decisions. */
function after(decisions: number, answer: { tookMs: number; running: number }, limit = new ConcurrencyLimit(OPTIONS)) {
  for (let n = 0; n < decisions * 10; n += 1) limit.observe(answer.tookMs, answer.running, (now += 20));
  return limit;
}

describe('ConcurrencyLimit', () => {
  it.each([
    ['slow answers while all of it is used', { tookMs: 150, running: 100 }, 80],
    ['slow answers while a part is used → what is used counts', { tookMs: 150, running: 50 }, 40],
    ['slow answers with few beside them → never below the least', { tookMs: 5_000, running: 2 }, 16],
    ['quick answers while all of it is used', { tookMs: 20, running: 100 }, 110],
    ['quick answers while half of it is used', { tookMs: 20, running: 50 }, 110],
    ['quick answers while little of it is used → nobody knows whether more would do', { tookMs: 20, running: 49 }, 100],
    ['answers near the target', { tookMs: 80, running: 100 }, 100],
  ])('%s', (_, answer, expected) => {
    expect(after(1, answer).value).toBe(expected);
  });

  it('one slow answer of ten → no reason to shrink; two are', () => {
    const value = (slow: number): number => {
      const limit = new ConcurrencyLimit(OPTIONS);
      for (let n = 0; n < 10; n += 1) limit.observe(n < slow ? 500 : 80, 100, 0);
      return limit.value;
    };
    expect([value(0), value(1), value(2)]).toEqual([100, 80, 80]);
  });

  it('fewer than ten answers, or less than 100 ms since the last decision → none', () => {
    const limit = new ConcurrencyLimit(OPTIONS);
    for (let n = 0; n < 9; n += 1) limit.observe(500, 100, 0);
    expect(limit.value).toBe(100);
    for (let n = 0; n < 30; n += 1) limit.observe(500, 100, 50);
    expect(limit.value).toBe(80);
  });

  it('for long → from start to least, and back to most', () => {
    const shrunk = after(30, { tookMs: 500, running: 1_000 });
    expect(shrunk.value).toBe(16);
    expect(after(60, { tookMs: 1, running: 1_000 }, shrunk).value).toBe(1_000);
  });
});
