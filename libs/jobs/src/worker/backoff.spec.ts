import { describe, expect, it } from '@jest/globals';
import { pauseS } from './backoff.js';

describe('pauseS', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [9, 256],
    [10, 300],
    [2_000, 300],
  ])('failure %i → %i s', (failures, seconds) => {
    expect(pauseS(failures)).toBe(seconds);
  });
});
