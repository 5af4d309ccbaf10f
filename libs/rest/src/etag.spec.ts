import { describe, expect, it } from '@jest/globals';
import { etagOf } from './etag.js';

describe('etagOf', () => {
  it('any text → a strong tag of 128 bits and more', () => {
    expect(etagOf('{}')).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
  });

  it('equal bytes → equal tags, in every process', () => {
    expect(etagOf('{"id":1}')).toBe('"A3ySFO73TMOIfzpPCFtOF9"');
  });

  it.each([
    ['another value', '{"id":2}'],
    ['another order of members', '{"version":1,"id":1}'],
    ['a blank more', '{"id": 1}'],
  ])('%s → another tag', (_situation, json) => {
    expect(etagOf(json)).not.toBe(etagOf('{"id":1}'));
  });
});
