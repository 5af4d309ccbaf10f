import { describe, expect, it } from '@jest/globals';
import { isEntry, newEntry } from './entry.js';

const POLICY = { ttlMs: 10_000, staleMs: 5_000, tags: [] };
const NOW = 1_000_000;

describe('lifetimes', () => {
  it.each([
    ['in the middle of the jitter', 'value', 0.5, 10_000, 15_000],
    ['at its lower end', 'value', 0, 9_000, 14_000],
    ['at its upper end', 'value', 1, 11_000, 16_000],
    ['nothing → 5 s at most, and never stale', null, 0.5, 5_000, 5_000],
    ['false → a value like others', false, 0.5, 10_000, 15_000],
    ['0 → a value like others', 0, 0.5, 10_000, 15_000],
    ['the empty text → a value like others', '', 0.5, 10_000, 15_000],
  ])('%s', (_situation, value, random, fresh, stale) => {
    expect(newEntry(value, POLICY, { now: NOW, random })).toEqual({
      value,
      freshUntil: NOW + fresh,
      staleUntil: NOW + stale,
    });
  });

  it('nothing, with a time shorter than 5 s → that time', () => {
    expect(newEntry(null, { ...POLICY, ttlMs: 1_000 }, { now: NOW, random: 0.5 }).freshUntil).toBe(NOW + 1_000);
  });
});

describe('what is read from Redis', () => {
  it.each([
    [{ value: 1, freshUntil: 2, staleUntil: 3 }, true],
    [{ value: null, freshUntil: 2, staleUntil: 3 }, true],
    [{ freshUntil: 2, staleUntil: 3 }, false],
    [{ value: 1 }, false],
    ['text', false],
    [null, false],
    [undefined, false],
  ])('%j → an entry: %s', (candidate, expected) => expect(isEntry(candidate)).toBe(expected));
});
