import { describe, expect, it } from '@jest/globals';
import { clock, duration, phrase, threshold } from './figures.js';

describe('a figure in a sentence', () => {
  it.each([
    [0, 'ms', '0 ms'],
    [0.004, 'ms', '0.00 ms'],
    [4.268, 'ms', '4.27 ms'],
    [9.996, 'ms', '10.0 ms'],
    [42.68, 'ms', '42.7 ms'],
    [99.96, 'ms', '100 ms'],
    [999.4, 'ms', '999 ms'],
    [1_240, 'ms', '1.24 s'],
    [402_311, 'ms', '402 s'],
    [0, 'ratio', '0 %'],
    [0.00042, 'ratio', '0.04 %'],
    [0.7, 'ratio', '70.0 %'],
    [1, 'ratio', '100 %'],
    [1_843, '1/s', '1,843 req/s'],
  ] as const)('%d %s → %s', (value, unit, expected) => {
    expect(phrase(value, unit)).toBe(expected);
  });
});

describe('a threshold', () => {
  it.each([
    [200, 'ms', '200 ms'],
    [0.001, 'ratio', '0.1 %'],
    [0.85, 'ratio', '85 %'],
    [1_000, '1/s', '1,000 req/s'],
  ] as const)('%d %s → %s', (value, unit, expected) => {
    expect(threshold(value, unit)).toBe(expected);
  });
});

describe('a duration', () => {
  it.each([
    [0.4, '0 s'],
    [59.9, '59 s'],
    [725, '12 min 5 s'],
    [3_600, '1 h'],
    [273_500, '3 d 3 h'],
    [86_405, '1 d'],
  ])('%d s → %s', (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });
});

it('an instant → its time of day', () => {
  expect(clock('2026-01-31T12:03:04.567Z')).toBe('12:03:04');
});
