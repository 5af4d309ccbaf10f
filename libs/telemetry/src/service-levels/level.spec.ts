import { describe, expect, it } from '@jest/globals';
import { LEVELS, rounded, stateOf } from './level.js';

const latency = { target: 200, alert: 500 };
const capacity = { target: 1_000, alert: 500 };

describe('the state of a level', () => {
  it.each([
    [latency, 0, 'ok'],
    [latency, 199.9, 'ok'],
    [latency, 200, 'warn'],
    [latency, 500, 'warn'],
    [latency, 500.1, 'alert'],
    [capacity, 1_000.5, 'ok'],
    [capacity, 1_000, 'warn'],
    [capacity, 500, 'warn'],
    [capacity, 499, 'alert'],
    [capacity, 0, 'alert'],
    [latency, null, 'unknown'],
  ])('%j at %p → %s', (level, value, state) => {
    expect(stateOf(level, value)).toBe(state);
  });
});

describe('a value', () => {
  it('→ rounded so that it can cross no threshold unseen', () => {
    for (const level of LEVELS) {
      const step = 10 ** -level.decimals;
      expect(rounded(level, level.alert + step)).not.toBe(level.alert);
      expect(rounded(level, level.target)).toBe(level.target);
    }
  });
});
