import { describe, expect, it } from '@jest/globals';
import { quantile } from './quantile.js';

describe('a quantile of a histogram', () => {
  it.each([
    ['nothing counted', 0.95, [0, 0, 0], null],
    ['all in the first bucket', 0.5, [10, 10, 10], 0.05],
    ['straight within a bucket', 0.75, [50, 100, 100], 0.15],
    ['on a bound', 0.5, [50, 100, 100], 0.1],
    ['beyond the last bound', 0.95, [0, 0, 10], 0.2],
    ['an empty bucket between', 0.9, [80, 80, 100], 0.2],
  ])('%s → as histogram_quantile says', (_, share, counts, expected) => {
    const value = quantile(share, [0.1, 0.2], counts);
    if (expected === null) expect(value).toBeNull();
    else expect(value).toBeCloseTo(expected, 10);
  });
});
