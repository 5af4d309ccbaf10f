import { describe, expect, it } from '@jest/globals';
import { prefers } from './header.decorators.js';

describe('prefers', () => {
  it.each([
    ['the preference alone', 'return=total-count'],
    ['the name in capitals', 'RETURN=total-count'],
    ['blanks around', '  return = total-count  '],
    ['a quoted value', 'return="total-count"'],
    ['among others', 'respond-async, wait=10, return=total-count'],
    ['with parameters', 'return=total-count; foo="bar"'],
    ['a quoted value with parameters', 'return="total-count" ;foo'],
    ['after one with commas in quotes', 'a="x, return=minimal", return=total-count'],
    ['after one with an escaped quote', String.raw`a="x\"", return=total-count`],
    ['given twice, first so', 'return=total-count, return=minimal'],
  ])('%s → true', (_situation, header) => {
    expect(prefers(header, 'return', 'total-count')).toBe(true);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another value', 'return=minimal'],
    ['the value in capitals', 'return=TOTAL-COUNT'],
    ['the value as a parameter of another', 'wait=10; return=total-count'],
    ['the name alone', 'return'],
    ['the value alone', 'total-count'],
    ['a longer value', 'return=total-counts'],
    ['in the quotes of another', 'a="return=total-count, return=total-count, b"'],
    ['given twice, first otherwise', 'return=minimal, return=total-count'],
    ['a quote that stays open', 'return="total-count'],
    ['a quote in the middle', 'return=total"-count"'],
    ['rubbish', '=;,=;,"'],
  ])('%s → false', (_situation, header) => {
    expect(prefers(header, 'return', 'total-count')).toBe(false);
  });
});

it('a header of 8 kB that fits almost → is read in no time', () => {
  const startedAt = performance.now();
  for (const header of ['"\\'.repeat(4_000), 'a='.repeat(4_000), '"'.repeat(8_001), ' '.repeat(8_000)]) {
    expect(prefers(header, 'return', 'minimal')).toBe(false);
  }
  expect(performance.now() - startedAt).toBeLessThan(500);
});
