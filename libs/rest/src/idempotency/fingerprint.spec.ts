import { describe, expect, it } from '@jest/globals';
import { fingerprintOf } from './fingerprint.js';

const of = (json: string): string => fingerprintOf(JSON.parse(json));

describe('fingerprintOf', () => {
  it.each([
    ['members in another order', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['blanks', '{"a":[1,2]}', ' { "a" : [ 1 , 2 ] } '],
    ['a number spelled otherwise', '{"a":100}', '{"a":1.0e2}'],
    ['text spelled otherwise', '{"a":"\u00e4"}', String.raw`{"a":"\u00e4"}`],
    ['the first of two members of one name', '{"a":2}', '{"a":1,"a":2}'],
  ])('%s → the same', (_situation, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  it.each([
    ['another value', '{"a":1}', '{"a":2}'],
    ['a number and its text', '{"a":1}', '{"a":"1"}'],
    ['null and absence', '{"a":null}', '{}'],
    ['entries in another order', '[1,2]', '[2,1]'],
    ['composed and decomposed text', '"\u00e4"', '"a\u0308"'],
    ['another name', '{"a":1}', '{"A":1}'],
  ])('%s → another', (_situation, one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  it('no body, null and {} → three', () => {
    expect(new Set([fingerprintOf(undefined), fingerprintOf(null), fingerprintOf({})]).size).toBe(3);
  });

  it.each([String.raw`{"a":"\ud800"}`, '{"a":1e999}'])('%s, which has no canonical form → like no other', (json) => {
    expect(of(json)).not.toBe(of(json));
  });

  it('nesting without end → is no trouble', () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    expect(of(deep)).toBe(of(deep));
  });
});
