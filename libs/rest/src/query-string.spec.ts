import { describe, expect, it } from '@jest/globals';
import { RequestMalformedError } from '@app/problem';
import { requireDecodable } from './query-string.js';

describe('requireDecodable', () => {
  it.each([
    ['nothing', ''],
    ['plain text', 'name=Ada&limit=1'],
    ['an encoded text', 'name=%C3%84da%20%25'],
    ['a plus sign', 'name=Ada+King'],
  ])('%s → passes', (_situation, text) => {
    expect(() => requireDecodable(text, 'query')).not.toThrow();
  });

  it.each([
    ['a lonely percent sign', 'name=100%'],
    ['no hexadecimal digits', 'name=%zz'],
    ['one digit', 'name=%4'],
    ['in a name', '%zz=1'],
    ['a byte that starts nothing in UTF-8', 'name=%ff'],
    ['half of a character', 'name=%C3'],
    ['a surrogate', 'name=%ED%A0%80'],
    ['an overlong form', 'name=%C0%80'],
  ])('%s → 400', (_situation, text) => {
    expect(() => requireDecodable(text, 'query')).toThrow(RequestMalformedError);
  });
});
