import { describe, expect, it } from '@jest/globals';
import { WalHistory } from './wal-history.js';

const at = (second: number) => new Date(second * 1_000);

/** The primary was asked once a second, and wrote 100 bytes in each; the last 10 are not flushed. */
function history(seconds: number): WalHistory {
  const samples = new WalHistory();
  for (let second = 1; second <= seconds; second += 1) {
    samples.note({ at: at(second), inserted: second * 100, flushed: second * 100 - 10, askedAt: second * 1_000 });
  }
  return samples;
}

describe('what the position of a replica means', () => {
  it.each([
    ['before everything that is known', 99, undefined, 3_000],
    ['right at a sample', 300, at(3), 1_000],
    ['between two', 399, at(3), 0],
    ['all that was flushed, and not all that was written', 390, at(3), 0],
    ['one byte less than was flushed', 389, at(3), 1_000],
    ['past the newest', 500, at(4), 0],
  ])('%s → complete at the sample before, late since then', (_situation, replayed, complete, lag) => {
    const samples = history(4);
    expect(samples.completeAt(replayed)).toEqual(complete);
    expect(samples.lagMs(replayed, 4_000)).toBe(lag);
  });

  it('the primary says nothing any more → every replica is late', () => {
    expect(history(4).lagMs(500, 14_250)).toBe(10_000);
  });

  it('no sample → nothing is known', () => {
    expect([new WalHistory().lagMs(1, 0), new WalHistory().completeAt(1)]).toEqual([undefined, undefined]);
  });
});
