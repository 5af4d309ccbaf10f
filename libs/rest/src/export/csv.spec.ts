import { describe, expect, it } from '@jest/globals';
import { CSV } from './csv.js';

const line = (...cells: readonly unknown[]): string => CSV.lines([{ ...cells }], Object.keys(cells));

describe('a row as CSV', () => {
  it.each([
    ['a text', 'Ada', 'Ada'],
    ['a comma', 'a,b', '"a,b"'],
    ['quotes', 'the "best"', '"the ""best"""'],
    ['CR LF', 'a\r\nb', '"a\r\nb"'],
    ['a lone LF', 'a\nb', '"a\nb"'],
    ['a lone CR', 'a\rb', '"a\rb"'],
    ['spaces around', ' a ', ' a '],
    ['an emoji', '👩‍🚀', '👩‍🚀'],
    ['nothing', '', ''],
    ['null', null, ''],
    ['what is absent', undefined, ''],
    ['a number', 42, '42'],
    ['a negative number', -42, '-42'],
    ['a truth', true, 'true'],
    ['a falsehood', false, 'false'],
    ['an instant', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a list', ['a', 'b'], '"[""a"",""b""]"'],
    ['an empty list', [], '[]'],
    ['sums by currency', { USD: 1, EUR: -2 }, '"{""USD"":1,""EUR"":-2}"'],
  ])('%s → as RFC 4180 has it', (_situation, value, cell) => {
    expect(line('first', value, 'last')).toBe(`first,${cell},last\r\n`);
  });

  it.each([
    ['=', '=1+1', "'=1+1"],
    ['= and quotes', '=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+', '+1', "'+1"],
    ['-', '-1', "'-1"],
    ['@', '@SUM(1)', "'@SUM(1)"],
    ['a tab', '\t=1', "'\t=1"],
    ['CR', '\r=1', '"\'\r=1"'],
    ['LF', '\n=1', '"\'\n=1"'],
    ['full-width =', '＝1', "'＝1"],
    ['full-width +', '＋1', "'＋1"],
    ['full-width -', '－1', "'－1"],
    ['full-width @', '＠1', "'＠1"],
  ])('a text that starts with %s → is no formula', (_situation, value, cell) => {
    expect(line(value, 1)).toBe(`${cell},1\r\n`);
  });

  it('members in another order, one too many, one missing → only the columns, in their order', () => {
    expect(CSV.lines([{ b: 2, c: 3, a: 1 }, { b: 4 }], ['a', 'b'])).toBe('1,2\r\n,4\r\n');
  });

  it('no rows → nothing', () => {
    expect(CSV.lines([], ['a', 'b'])).toBe('');
  });

  it('the head → the columns', () => {
    expect(CSV.head(['id', 'name'])).toBe('id,name\r\n');
  });
});
