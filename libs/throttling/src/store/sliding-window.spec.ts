import { describe, expect, it } from '@jest/globals';
import { SLOTS, SlidingWindow } from './sliding-window.js';

const RULE = { limit: 3, windowMs: 60_000 };
const START = 1_700_000_000_000;

function take(window: SlidingWindow, atMs: number, cost = 1, rule: typeof RULE & { blockMs?: number } = RULE) {
  return window.take({ ...rule, cost }, START + atMs);
}

describe('a sliding window', () => {
  it.each([
    ['the first', [], 0, { admitted: true, remaining: 2, waitMs: 0, resetMs: 60_000 }],
    [
      'the last that fits: tells when one is free',
      [0, 10_000],
      20_000,
      { admitted: true, remaining: 0, waitMs: 40_000 },
    ],
    ['one more: denied until the oldest leaves', [0, 10_000, 20_000], 30_000, { admitted: false, waitMs: 30_000 }],
    ['a moment before the oldest leaves', [0, 10_000, 20_000], 59_999, { admitted: false, waitMs: 1 }],
    ['when the oldest leaves', [0, 10_000, 20_000], 60_000, { admitted: true, remaining: 0, waitMs: 10_000 }],
    ['across the edge of a fixed window', [59_000, 59_100, 59_200], 61_000, { admitted: false, waitMs: 58_200 }],
    ['hits of one slot leave with the last of them', [0, 500, 900], 60_500, { admitted: false, waitMs: 400 }],
    ['after a whole window', [0, 1, 2], 60_002, { admitted: true, remaining: 2 }],
    ['a clock that was set back stands still', [10_000], 0, { admitted: true, remaining: 1, resetMs: 60_000 }],
  ])('%s', (_situation, before, at, expected) => {
    const window = new SlidingWindow();
    for (const hit of before) expect(take(window, hit).admitted).toBe(true);
    expect(take(window, at)).toMatchObject(expected);
  });

  it('denied hits → not counted', () => {
    const window = new SlidingWindow();
    for (const at of [0, 0, 0, 30_000, 30_000, 59_000]) take(window, at);
    expect(take(window, 60_000)).toMatchObject({ admitted: true, remaining: 2 });
  });

  it('a hit that weighs more than is left → all of it is denied, until there is room for all of it', () => {
    const window = new SlidingWindow();
    take(window, 0);
    take(window, 10_000);
    expect(take(window, 20_000, 2)).toMatchObject({ admitted: false, remaining: 1, waitMs: 40_000 });
    expect(take(window, 20_000, 9)).toMatchObject({ admitted: false, remaining: 1, waitMs: 50_000 });
  });

  it('a million hits over many windows → one slot for each part of the window, and no more', () => {
    const window = new SlidingWindow();
    const rule = { limit: 1_000_000, windowMs: 60_000 };
    for (let hit = 0; hit < 1_000_000; hit += 1) take(window, hit * 0.25, 1, rule);
    const slots: unknown = Reflect.get(window, 'slots');
    const count = Array.isArray(slots) ? slots.length : 0;
    expect(count).toBeGreaterThan(SLOTS - 1);
    expect(count).toBeLessThanOrEqual(SLOTS + 1);
  });

  it('a block that is given → denied for so long, though the window has room again', () => {
    const window = new SlidingWindow();
    const rule = { ...RULE, blockMs: 100_000 };
    for (const at of [0, 0, 0]) take(window, at, 1, rule);
    expect(take(window, 1_000, 1, rule)).toMatchObject({ admitted: false, remaining: 0, waitMs: 100_000 });
    expect(take(window, 90_000, 1, rule)).toMatchObject({ admitted: false, waitMs: 11_000, resetMs: 11_000 });
    expect(take(window, 101_000, 1, rule)).toMatchObject({ admitted: true, remaining: 2 });
  });

  it('given back → out of the slot where it was counted, and never out of a newer one', () => {
    const window = new SlidingWindow();
    const first = take(window, 0);
    take(window, 30_000);
    window.giveBack({ ...RULE, cost: 1 }, first.at);
    expect(take(window, 59_000, 0)).toMatchObject({ remaining: 2, resetMs: 31_000 });
    window.giveBack({ ...RULE, cost: 1 }, first.at);
    expect(take(window, 59_000, 0)).toMatchObject({ remaining: 2 });
  });

  it('what it was like before the hit is told, too', () => {
    const window = new SlidingWindow();
    expect(take(window, 0)).toMatchObject({ resetBeforeMs: 0, resetMs: 60_000 });
    expect(take(window, 20_000)).toMatchObject({ resetBeforeMs: 40_000, resetMs: 60_000 });
  });

  it.each([0, -1])('a limit of %i → nothing is admitted', (limit) => {
    expect(take(new SlidingWindow(), 0, 1, { ...RULE, limit })).toMatchObject({
      admitted: false,
      remaining: 0,
      waitMs: 60_000,
    });
  });
});
