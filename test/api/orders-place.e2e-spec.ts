import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { anItem, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let app: TestApp;
let user: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  user = await app.factory.signedIn();
});
afterAll(() => app.stop());

const place = (body: object | string) => app.client.post('/orders', { as: user.token, body });
const items = (count: number, members: object = {}) =>
  Array.from({ length: count }, (_, n) => anItem({ sku: `SKU-${n}`, ...members }));

async function rows(): Promise<number> {
  const [found] = await app.dataSource.query<{ rows: number }[]>(
    'SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items) AS rows',
  );
  return found?.rows ?? 0;
}

describe('POST /orders', () => {
  it('two items → 201 with Location, ETag and computed totals, just as GET then answers', async () => {
    const reply = await place({
      currency: 'EUR',
      items: [
        anItem({ sku: 'b', quantity: 3, unitPriceCents: 333 }),
        anItem({ sku: 'a', quantity: 1, unitPriceCents: 0 }),
      ],
      note: 'Ring twice.',
    });
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      id: expect.stringMatching(UUID_V7),
      userId: user.id,
      status: 'pending',
      currency: 'EUR',
      totalCents: 999,
      paidCents: 0,
      refundedCents: 0,
      note: 'Ring twice.',
      items: [
        {
          id: expect.stringMatching(UUID_V7),
          sku: 'b',
          name: 'Green tea, 100 g',
          quantity: 3,
          unitPriceCents: 333,
          lineCents: 999,
        },
        {
          id: expect.stringMatching(UUID_V7),
          sku: 'a',
          name: 'Green tea, 100 g',
          quantity: 1,
          unitPriceCents: 0,
          lineCents: 0,
        },
      ],
      placedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: reply.body.placedAt,
      version: 1,
    });
    expect(reply.headers['location']).toBe(`/api/v1/orders/${reply.body.id}`);
    const read = await app.client.get(`/orders/${reply.body.id}`, { as: user.token });
    expect([read.text, read.headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
    expect(read.headers['etag']).toMatch(/^"[^"]+"$/);
  });

  it('an admin → owns what he orders', async () => {
    const admin = await app.factory.admin();
    const { body } = await app.client.post('/orders', {
      as: admin.token,
      body: { currency: 'USD', items: [anItem()] },
    });
    expect(body.userId).toBe(admin.id);
  });

  it('no token → 401', async () => {
    const reply = await app.client.post('/orders', { body: { currency: 'USD', items: [anItem()] } });
    expect([reply.status, reply.body.code]).toEqual([401, 'auth.token_missing']);
  });

  it('the largest order there can be → its total is exact, in the answer and in the database', async () => {
    const { status, body } = await place({
      currency: 'USD',
      items: items(100, { quantity: 1_000, unitPriceCents: 1_000_000_000 }),
    });
    expect([status, body.totalCents, body.items.length]).toEqual([201, 100_000_000_000_000, 100]);
    const [row] = await app.dataSource.query('SELECT total_cents::text AS total FROM orders WHERE id = $1', [body.id]);
    expect(row).toEqual({ total: '100000000000000' });
  });
});

describe('POST /orders takes', () => {
  it.each([
    ['the least total', { items: [anItem({ quantity: 1, unitPriceCents: 1 })] }, { totalCents: 1 }],
    ['a sku of one character', { items: [anItem({ sku: '_' })] }, { items: [{ sku: '_' }] }],
    [
      'a sku of 64 characters',
      { items: [anItem({ sku: 'Az09._-x'.repeat(8) })] },
      { items: [{ sku: 'Az09._-x'.repeat(8) }] },
    ],
    [
      'skus that differ in case',
      { items: [anItem({ sku: 'a' }), anItem({ sku: 'A' })] },
      { items: [{ sku: 'a' }, { sku: 'A' }] },
    ],
    [
      'a name of 100 characters',
      { items: [anItem({ name: 'é'.repeat(100) })] },
      { items: [{ name: 'é'.repeat(100) }] },
    ],
    [
      'sku and name with blanks around',
      { items: [anItem({ sku: ' a ', name: ' b ' })] },
      { items: [{ sku: 'a', name: 'b' }] },
    ],
    ['quantity 1000', { items: [anItem({ quantity: 1_000 })] }, { items: [{ quantity: 1_000, lineCents: 790_000 }] }],
    [
      'a price of 10^9',
      { items: [anItem({ unitPriceCents: 1e9 })] },
      { items: [{ unitPriceCents: 1e9, lineCents: 2e9 }] },
    ],
    ['a note with blanks around', { note: ' \n by the door\t' }, { note: 'by the door' }],
    ['a null note', { note: null }, { note: null }],
    ['a note of 1000 characters beyond the basic plane', { note: '🍵'.repeat(1_000) }, { note: '🍵'.repeat(1_000) }],
    ['the Caribbean guilder, new in 2025', { currency: 'XCG' }, { currency: 'XCG' }],
    ['the Zimbabwe gold, new in 2024', { currency: 'ZWG' }, { currency: 'ZWG' }],
    ['a currency without minor unit', { currency: 'JPY' }, { currency: 'JPY', totalCents: 1_580 }],
  ])('%s → 201', async (_situation, given, kept) => {
    const { body, status } = await place({ currency: 'USD', items: [anItem()], ...given });
    expect(status).toBe(201);
    expect(body).toMatchObject(kept);
  });
});

/** What is refused, and where the answer points. */
const REFUSED: [situation: string, members: object, pointer: string][] = [
  ['a total of its own', { totalCents: 1 }, '/totalCents'],
  ['an owner of its own', { userId: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10' }, '/userId'],
  ['a status of its own', { status: 'paid' }, '/status'],
  ['a line total of its own', { items: [anItem({ lineCents: 1 })] }, '/items/0/lineCents'],
  ['an item id of its own', { items: [anItem(), anItem({ sku: 'b', id: '1' })] }, '/items/1/id'],
  ['no currency', { currency: undefined }, '/currency'],
  ['the kuna, withdrawn in 2023', { currency: 'HRK' }, '/currency'],
  ['the lev, withdrawn in 2026', { currency: 'BGN' }, '/currency'],
  ['the Antillean guilder, withdrawn in 2025', { currency: 'ANG' }, '/currency'],
  ['a currency in lower case', { currency: 'usd' }, '/currency'],
  ['a null currency', { currency: null }, '/currency'],
  ['no items', { items: undefined }, '/items'],
  ['null items', { items: null }, '/items'],
  ['an empty list of items', { items: [] }, '/items'],
  ['101 items', { items: Array.from({ length: 101 }, (_, n) => anItem({ sku: `s${n}` })) }, '/items'],
  ['an object of items', { items: { 0: anItem() } }, '/items'],
  ['an item that is a number', { items: [anItem(), 7] }, '/items/1'],
  ['an item that is null', { items: [null] }, '/items/0'],
  ['an item that is an empty list', { items: [[]] }, '/items/0'],
  ['an item that is a list of items', { items: [[anItem()]] }, '/items/0'],
  ['a sku twice', { items: [anItem(), anItem({ name: 'other' })] }, '/items'],
  ['a sku twice but for blanks', { items: [anItem({ sku: 'a' }), anItem({ sku: ' a ' })] }, '/items'],
  ['free things only', { items: [anItem({ unitPriceCents: 0 })] }, '/items'],
  ['no sku', { items: [anItem({ sku: undefined })] }, '/items/0/sku'],
  ['a blank sku', { items: [anItem({ sku: '  ' })] }, '/items/0/sku'],
  ['a sku of 65 characters', { items: [anItem({ sku: 'a'.repeat(65) })] }, '/items/0/sku'],
  ['a sku with a blank inside', { items: [anItem({ sku: 'a b' })] }, '/items/0/sku'],
  ['a sku with a slash', { items: [anItem({ sku: 'a/b' })] }, '/items/0/sku'],
  ['a sku of two lines', { items: [anItem({ sku: 'a\nb' })] }, '/items/0/sku'],
  ['a sku that is a number', { items: [anItem({ sku: 1 })] }, '/items/0/sku'],
  ['a blank name', { items: [anItem({ name: ' ' })] }, '/items/0/name'],
  ['a name of 101 characters', { items: [anItem({ name: 'a'.repeat(101) })] }, '/items/0/name'],
  ['a name with NUL', { items: [anItem({ name: 'a\0' })] }, '/items/0/name'],
  ['quantity 0', { items: [anItem({ quantity: 0 })] }, '/items/0/quantity'],
  ['quantity 1001', { items: [anItem({ quantity: 1_001 })] }, '/items/0/quantity'],
  ['a quantity with a fraction', { items: [anItem({ quantity: 1.5 })] }, '/items/0/quantity'],
  ['a quantity in text', { items: [anItem({ quantity: '2' })] }, '/items/0/quantity'],
  ['a price below 0', { items: [anItem({ unitPriceCents: -1 })] }, '/items/0/unitPriceCents'],
  ['a price over 10^9', { items: [anItem({ unitPriceCents: 1_000_000_001 })] }, '/items/0/unitPriceCents'],
  ['a price beyond all numbers', { items: [anItem({ unitPriceCents: 1e308 })] }, '/items/0/unitPriceCents'],
  ['a price with a fraction', { items: [anItem({ unitPriceCents: 0.5 })] }, '/items/0/unitPriceCents'],
  ['a null price', { items: [anItem({ unitPriceCents: null })] }, '/items/0/unitPriceCents'],
  ['a blank note', { note: ' \t ' }, '/note'],
  ['a note of 1001 characters', { note: 'a'.repeat(1_001) }, '/note'],
  ['a note with NUL', { note: 'a\0b' }, '/note'],
  ['a note with half a surrogate pair', { note: '\ud83c' }, '/note'],
  ['a note that is a number', { note: 7 }, '/note'],
];

describe('POST /orders refuses', () => {
  it.each(REFUSED)('%s → 422 with its place, and nothing is kept', async (_situation, members, pointer) => {
    const before = await rows();
    const reply = await place({ currency: 'USD', items: [anItem()], ...members });
    expect({ status: reply.status, code: reply.body.code, pointers: pointersOf(reply) }).toEqual({
      status: 422,
      code: 'request.invalid',
      pointers: [pointer],
    });
    expect(await rows()).toBe(before);
  });

  it('several mistakes → each of them is named', async () => {
    const reply = await place({ currency: 'usd', items: [anItem({ quantity: 0, sku: '' })], extra: 1 });
    expect(pointersOf(reply).toSorted()).toEqual(['/currency', '/extra', '/items/0/quantity', '/items/0/sku']);
  });
});
