import { describe, expect, it } from '@jest/globals';
import { checkRow, parseLine } from './import-row.js';

const ITEM = { sku: 'TEA-1', name: 'Tea', quantity: 2, unitPriceCents: 790 };
const ROW = { externalId: 'shop-1', customerEmail: 'Ada@Example.com', currency: 'USD', items: [ITEM] };

const check = (members: object = {}) => checkRow({ line: 7, value: { ...ROW, ...members } });

/** Pointer and detail of each error; all of them have the line and one code. */
async function refusals(value: unknown): Promise<string[]> {
  const row = await checkRow({ line: 7, value });
  if (!('errors' in row)) return [];
  for (const error of row.errors) expect(error).toMatchObject({ line: 7, code: 'request.invalid' });
  return row.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
}

async function fingerprint(members: object = {}): Promise<string> {
  const row = await check(members);
  if (!('fingerprint' in row)) throw new Error(JSON.stringify(row));
  return row.fingerprint;
}

describe('a row that is an order', () => {
  it('all its members → as POST /orders would take them, with a time', async () => {
    const row = await check({ placedAt: '2026-01-31T13:00:00+01:00', note: ' Ring. ', externalId: ' shop-1 ' });
    expect(row).toMatchObject({
      line: 7,
      emailKey: 'ada@example.com',
      order: { ...ROW, placedAt: new Date('2026-01-31T12:00:00Z'), note: 'Ring.' },
    });
  });

  it.each([
    ['no time and no note', { placedAt: null, note: null }],
    ['a bare date', { placedAt: '2026-01-31' }],
    ['an id of 128 characters', { externalId: 'é'.repeat(128) }],
  ])('%s → valid', async (_situation, members) => {
    expect(await refusals({ ...ROW, ...members })).toEqual([]);
  });
});

describe('a row that is none', () => {
  it.each([
    ['no object', [], ' The row must be a JSON object.'],
    ['null', null, ' The row must be a JSON object.'],
    ['an unknown member', { ...ROW, userId: 'x' }, '/userId userId is not known here.'],
    ['an inherited member', JSON.parse('{"__proto__":1}'), '/__proto__ __proto__ is not known here.'],
    ['no items', { ...ROW, items: [] }, '/items items must have 1 to 100 entries.'],
    ['a sku twice', { ...ROW, items: [ITEM, ITEM] }, '/items items must name each sku once.'],
    [
      'free things only',
      { ...ROW, items: [{ ...ITEM, unitPriceCents: 0 }] },
      '/items The total of an order is at least 1.',
    ],
    [
      'a wrong item',
      { ...ROW, items: [ITEM, { ...ITEM, sku: 'B', quantity: 0 }] },
      '/items/1/quantity quantity must be a whole number from 1 to 1000.',
    ],
    [
      'an old currency',
      { ...ROW, currency: 'DEM' },
      '/currency currency must be a current ISO 4217 code, in upper case.',
    ],
    ['no address', { ...ROW, customerEmail: 'ada' }, '/customerEmail customerEmail must be an email address.'],
    ['an empty id', { ...ROW, externalId: ' ' }, '/externalId externalId must be a text of 1 to 128 characters.'],
    [
      'a time in the future',
      { ...ROW, placedAt: '2999-01-01' },
      '/placedAt placedAt must not lie in the future, nor before the year 1.',
    ],
    [
      'a time before all others',
      { ...ROW, placedAt: '0000-12-31' },
      '/placedAt placedAt must not lie in the future, nor before the year 1.',
    ],
    [
      'no time',
      { ...ROW, placedAt: 'today' },
      '/placedAt placedAt must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.',
    ],
  ])('%s → refused with its place', async (_situation, value, refusal) => {
    expect(await refusals(value)).toEqual([refusal]);
  });

  it('an id with a line break → refused', async () => {
    expect((await refusals({ ...ROW, externalId: 'a\nb' })).map((text) => text.split(' ', 1))).toEqual([
      ['/externalId'],
    ]);
  });

  it('several wrong members → one error for each', async () => {
    expect(await refusals({ ...ROW, currency: 'X', items: [], note: 1 })).toHaveLength(3);
  });

  it.each([
    ['broken JSON', '{"externalId": '],
    ['a line that is too long', `{"note":"${'x'.repeat(262_144)}"}`],
  ])('%s → malformed', (_situation, text) => {
    expect(parseLine(3, text)).toMatchObject({
      line: 3,
      errors: [{ line: 3, pointer: '', code: 'request.malformed' }],
    });
  });
});

describe('the fingerprint of a row', () => {
  it.each<[string, object, object?]>([
    ['another case of the address', { customerEmail: 'ADA@example.COM' }],
    ['blanks around the note that is none', { note: null }],
    [
      'another spelling of the time',
      { placedAt: '2026-01-31T13:00:00.000+01:00' },
      { placedAt: '2026-01-31T12:00:00Z' },
    ],
    ['another order of the members', { items: [{ unitPriceCents: 790, quantity: 2, name: 'Tea', sku: 'TEA-1' }] }],
  ])('%s → the same', async (_what, members, others: object = {}) => {
    expect(await fingerprint(members)).toBe(await fingerprint(others));
  });

  it.each([
    ['another customer', { customerEmail: 'bob@example.com' }],
    ['another currency', { currency: 'EUR' }],
    ['a time', { placedAt: '2026-01-31' }],
    ['a note', { note: 'Ring.' }],
    ['another price', { items: [{ ...ITEM, unitPriceCents: 791 }] }],
    ['another quantity', { items: [{ ...ITEM, quantity: 3 }] }],
    ['another name', { items: [{ ...ITEM, name: 'Coffee' }] }],
    ['one item more', { items: [ITEM, { ...ITEM, sku: 'TEA-2' }] }],
  ])('%s → another', async (_what, members) => {
    expect(await fingerprint(members)).not.toBe(await fingerprint());
  });
});
