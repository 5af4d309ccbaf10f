import { describe, expect, it } from '@jest/globals';
import { CursorInvalidError } from '../rest.errors.js';
import { CursorCodec } from './cursor-codec.js';

const OLD_KEY = Buffer.alloc(32, 1);
const NEW_KEY = Buffer.alloc(32, 2);
const codec = new CursorCodec([NEW_KEY, OLD_KEY]);
const POSITION = { at: new Date('2026-01-31T12:34:56.789Z'), id: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11' };
const LIST = 'orders';
const CURSOR = codec.encode(POSITION, LIST);

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another letter at each place in turn; the last place has spare bits, which make it another text all the same. */
function tampered(cursor: string): string[] {
  return [...cursor].map((letter, at) => {
    const other = BASE64URL[(BASE64URL.indexOf(letter) + 1) % BASE64URL.length];
    return `${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`;
  });
}

describe('CursorCodec', () => {
  it.each([
    ['now', POSITION],
    ['before 1970', { ...POSITION, at: new Date('1969-12-31T23:59:59.999Z') }],
    ['the highest id', { ...POSITION, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }],
    ['the lowest id', { ...POSITION, id: '00000000-0000-0000-0000-000000000000' }],
  ])('%s → comes back as it was', (_situation, position) => {
    expect(codec.decode(codec.encode(position, LIST), LIST)).toEqual(position);
  });

  it('its text → needs no escaping in a URL', () => {
    expect(encodeURIComponent(CURSOR)).toBe(CURSOR);
  });

  it('any letter changed → refused', () => {
    for (const cursor of tampered(CURSOR)) expect(() => codec.decode(cursor, LIST)).toThrow(CursorInvalidError);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'nonsense'],
    ['a letter less', CURSOR.slice(1)],
    ['a letter more', `${CURSOR}A`],
    ['padding', `${CURSOR}==`],
    ['the same bytes in the other alphabet', Buffer.from(CURSOR, 'base64url').toString('base64')],
    ['a line break, which decoders skip', `${CURSOR}\n`],
  ])('%s → refused', (_situation, cursor) => {
    expect(() => codec.decode(cursor, LIST)).toThrow(CursorInvalidError);
  });

  it('another list → refused', () => {
    expect(() => codec.decode(CURSOR, 'users')).toThrow(CursorInvalidError);
  });

  it('signed by the key that is on its way out → read', () => {
    expect(new CursorCodec([OLD_KEY]).encode(POSITION, LIST)).not.toBe(CURSOR);
    expect(codec.decode(new CursorCodec([OLD_KEY]).encode(POSITION, LIST), LIST)).toEqual(POSITION);
  });

  it('signed by a foreign key → refused', () => {
    const foreign = new CursorCodec([Buffer.alloc(32, 3)]).encode(POSITION, LIST);
    expect(() => codec.decode(foreign, LIST)).toThrow(CursorInvalidError);
  });
});
