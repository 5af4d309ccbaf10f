import { describe, expect, it } from '@jest/globals';
import { lastLineOf, linesOf, partsOf } from './line-parts.js';

const PART_BYTES = 256 * 1024;

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function partsOfText(text: string, size: number) {
  const parts = [];
  for await (const part of partsOf(chunked(Buffer.from(text), size))) parts.push(part);
  return parts;
}

const textOf = (first: number, count: number): string =>
  Array.from({ length: count }, (_line, index) => `{"größe":${first + index}}\n`).join('');

describe('partsOf', () => {
  it.each([7, 65_536, 10_000_000])(
    'chunks of %i bytes → whole lines, none lost, each part with its number',
    async (size) => {
      const text = textOf(1, size === 7 ? 20_000 : 50_000);
      const parts = await partsOfText(text, size);
      expect(Buffer.concat(parts.map(({ lines }) => lines)).toString()).toBe(text);
      expect(parts.length).toBeGreaterThan(1);
      for (const { firstLine, lines } of parts) {
        expect(lines.length).toBeLessThanOrEqual(PART_BYTES);
        expect(lines.toString().startsWith(`{"größe":${firstLine}}`)).toBe(true);
        expect(lines.at(-1)).toBe(10);
      }
    },
  );

  it('a line that is longer than a part → a part by itself', async () => {
    const long = 'x'.repeat(PART_BYTES * 2);
    const parts = await partsOfText(`${long}\n${textOf(2, 20_000)}`, 65_536);
    expect(parts.slice(0, 2).map(({ firstLine, lines }) => [firstLine, lines.length > PART_BYTES])).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  it('no line break at the end → the last line all the same; nothing → no part', async () => {
    expect((await partsOfText('a\nb', 1)).map(({ lines }) => lines.toString())).toEqual(['a\nb']);
    expect(await partsOfText('', 1)).toEqual([]);
  });
});

describe('linesOf', () => {
  const read = (text: string, firstLine = 1, after = 0) => [...linesOf({ firstLine, lines: Buffer.from(text) }, after)];

  it('lines of every system → without their breaks; empty ones are left out, and counted', () => {
    expect(read('a\r\n\n  \nb\nc')).toEqual([
      { number: 1, text: 'a' },
      { number: 4, text: 'b' },
      { number: 5, text: 'c' },
    ]);
  });

  it('after a line → the ones behind it', () => {
    expect(read('a\nb\nc\n', 11, 12)).toEqual([{ number: 13, text: 'c' }]);
  });

  it('a byte order mark → is no part of the first line, and stays in others', () => {
    expect(read('\uFEFF{}\n\uFEFF{}')).toEqual([
      { number: 1, text: '{}' },
      { number: 2, text: '\uFEFF{}' },
    ]);
  });
});

describe('lastLineOf', () => {
  it.each([
    'a',
    'a\n',
    'a\n\n',
    'a\nb',
    '\n\na\r\n \r\n\t',
    '\n',
    '\n\n',
    '',
    ' ',
    '\uFEFF',
    '\uFEFFa\n\uFEFF',
    'ö\n\u2028\n',
  ])('%j → where the last of its lines is', (text) => {
    const part = { firstLine: 11, lines: Buffer.from(text) };
    expect(lastLineOf(part)).toBe([...linesOf(part, 0)].at(-1)?.number);
  });
});
