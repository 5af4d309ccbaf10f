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
    ['rubbish', '=;,=;,"'],
  ])('%s → false', (_situation, header) => {
    expect(prefers(header, 'return', 'total-count')).toBe(false);
  });
});
