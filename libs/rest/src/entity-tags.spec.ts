import { describe, expect, it } from '@jest/globals';
import { namesETag, parseETags } from './entity-tags.js';

const TAG = '"a"';

describe('parseETags', () => {
  it.each<[string, string, string[]]>([
    ['one', '"a"', ['"a"']],
    ['a weak one', 'W/"a"', ['W/"a"']],
    ['an empty one', '""', ['""']],
    ['several', '"a", W/"b","c"', ['"a"', 'W/"b"', '"c"']],
    ['empty elements', ' ,, "a" ,\t, "b",', ['"a"', '"b"']],
    ['commas and backslashes in the tag', String.raw`"a,b", "\"`, ['"a,b"', String.raw`"\"`]],
    ['bytes beyond ASCII', '"\u00e4"', ['"\u00e4"']],
  ])('%s → as written', (_situation, header, tags) => {
    expect(parseETags(header)).toEqual(tags);
  });

  it.each([
    ['nothing', ''],
    ['no quotes', 'a'],
    ['an open quote', '"a'],
    ['a small w', 'w/"a"'],
    ['no comma', '"a" "b"'],
    ['a blank in the tag', '"a b"'],
    ['a control character', '"a\u007f"'],
    ['the wildcard', '*'],
    ['the wildcard among tags', '*, "a"'],
    ['the wildcard after tags', '"a", *'],
    ['one good, one broken', '"a", b'],
  ])('%s → none', (_situation, header) => {
    expect(parseETags(header)).toEqual([]);
  });

  it('a header of 16 kB that fits almost → is read in no time', () => {
    const startedAt = performance.now();
    for (const header of [
      `${' '.repeat(16_000)}x`,
      '"a"'.repeat(5_000),
      `${','.repeat(16_000)}x`,
      '"'.repeat(16_000),
    ]) {
      expect(parseETags(header)).toEqual([]);
    }
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('namesETag', () => {
  it.each([
    ['the tag', '"a"'],
    ['its weak form', 'W/"a"'],
    ['a list with it', '"b", "a"'],
    ['a list with its weak form', '"b",W/"a" , "c"'],
    ['the wildcard', '*'],
    ['the wildcard with blanks', ' *\t'],
  ])('%s → yes', (_situation, header) => {
    expect(namesETag(header, TAG)).toBe(true);
  });

  it.each([
    ['another', '"b"'],
    ['its text in other case', '"A"'],
    ['its text without quotes', 'a'],
    ['the wildcard among tags, which is not parsable', '*, "a"'],
    ['the wildcard in quotes', '"*"'],
    ['the tag in a broken list', '"a", b'],
    ['nothing', ''],
  ])('%s → no', (_situation, header) => {
    expect(namesETag(header, TAG)).toBe(false);
  });
});
