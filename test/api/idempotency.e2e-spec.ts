import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { User } from '../../apps/api/src/users/index.js';
import type { Ask, Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { anItem, pointersOf } from '../support/orders.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

const KEY = 'Idempotency-Key';
const ORDER = { currency: 'USD', items: [anItem()], note: null };

let app: TestApp;
let ada: SignedIn;
let bob: SignedIn;
let admin: SignedIn;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
  [ada, bob, admin] = await Promise.all([app.factory.signedIn(), app.factory.signedIn(), app.factory.admin()]);
});
beforeEach(() => {
  key = newId();
});
afterAll(() => app.stop());

/** What of an answer a repetition gives again. */
const kept = ({ status, headers, text }: Reply): unknown[] => [
  status,
  headers['location'],
  headers['etag'],
  headers['content-type'],
  headers['cache-control'],
  headers['vary'],
  text,
];
const isReplay = ({ headers }: Reply): boolean => headers['idempotent-replayed'] === 'true';
const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];
const place = (ask: Ask = {}) =>
  app.client.post('/orders', { as: ada.token, body: ORDER, headers: { [KEY]: key }, ...ask });

async function countOrders(userId = ada.id): Promise<number> {
  const [row] = await app.dataSource.query<{ count: number }[]>('SELECT count(*) FROM orders WHERE user_id = $1', [
    userId,
  ]);
  return row?.count ?? 0;
}

describe('the key', () => {
  it.each(['/orders', '/orders/batch', '/orders/{}/payments', '/orders/{}/refunds'])(
    'none on POST %s → 400',
    async (path) => {
      const { id } = await app.factory.anOrder(admin.id);
      const reply = await app.client.post(path.replace('{}', id), { as: admin.token, body: {}, withoutKey: true });
      expect(verdict(reply)).toEqual([400, 'idempotency.key_required']);
      expect(pointersOf(reply)).toEqual(['header:Idempotency-Key']);
    },
  );

  it.each([
    ['empty', ''],
    ['blank', '   '],
    ['256 characters', 'x'.repeat(256)],
    ['not ASCII', 'schlüssel'],
    ['a tab in it', 'a\tb'],
    ['given twice', ['a', 'b']],
    ['given twice alike', ['a', 'a']],
  ])('%s → 400, and nothing is done', async (_situation, given) => {
    const before = await countOrders();
    const reply = await rawRequest(app.client, {
      method: 'POST',
      target: '/api/v1/orders',
      headers: { Authorization: `Bearer ${ada.token}`, 'Content-Type': 'application/json', [KEY]: given },
      body: JSON.stringify(ORDER),
    });
    expect(verdict(reply)).toEqual([400, 'idempotency.key_invalid']);
    expect(await countOrders()).toBe(before);
  });

  it.each([
    ['1 character', () => '~'],
    ['255 characters', () => newId().padEnd(255, ' !"~')],
    ['with commas and blanks', () => `a, ${newId()}`],
  ])('%s → is taken, and repeats', async (_situation, given) => {
    const headers = { [KEY]: given() };
    const replies = [await place({ headers }), await place({ headers })];
    expect(replies.map((reply) => [reply.status, isReplay(reply)])).toEqual([
      [201, false],
      [201, true],
    ]);
  });

  it('keys that differ in case → are different', async () => {
    const replies = [await place({ headers: { [KEY]: `a${key}` } }), await place({ headers: { [KEY]: `A${key}` } })];
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(2);
  });

  it('one wrong among other things → has its place in the order of checks', async () => {
    const wrong = { [KEY]: '' };
    const verdicts = [
      await app.client.post('/orders', { body: {}, headers: wrong }),
      await place({ headers: { ...wrong, Accept: 'text/html' } }),
      await place({ headers: { ...wrong, 'Content-Type': 'text/plain' }, body: 'x' }),
      await place({ headers: wrong, body: { nonsense: 1 } }),
      await app.client.post('/orders?x=1', { as: ada.token, body: {}, headers: wrong }),
      await app.client.post('/orders/x/payments', { as: ada.token, body: {}, headers: wrong }),
      await app.client.post(`/orders/${newId()}/refunds`, { as: ada.token, body: {}, headers: wrong }),
    ].map(verdict);
    expect(verdicts).toEqual([
      [401, 'auth.token_missing'],
      [406, 'request.not_acceptable'],
      [415, 'request.unsupported_media_type'],
      [400, 'idempotency.key_invalid'],
      [400, 'idempotency.key_invalid'],
      [400, 'idempotency.key_invalid'],
      [403, 'auth.forbidden'],
    ]);
  });

  it('on a route that takes none → is not looked at', async () => {
    const reply = await app.client.get('/users/me', { as: ada.token, headers: { [KEY]: '' } });
    expect(reply.status).toBe(200);
  });
});

describe('a repetition', () => {
  it.each<[string, () => Promise<[path: string, ask: Ask]>]>([
    ['an order', async () => ['/orders', { as: ada.token, body: ORDER }]],
    [
      'a payment',
      async () => {
        const { id } = await app.factory.anOrder(ada.id);
        return [`/orders/${id}/payments`, { as: ada.token, body: { amountCents: 3_000, method: 'card' } }];
      },
    ],
    [
      'a refund',
      async () => {
        const { id } = await app.factory.anOrder(ada.id, { status: 'paid' });
        return [`/orders/${id}/refunds`, { as: admin.token, body: { amountCents: 3_000, reason: 'Broken.' } }];
      },
    ],
    [
      'a registration',
      async () => ['/users', { body: { name: 'Ann', email: `ann-${key}@example.com`, password: `of ann ${key}` } }],
    ],
  ])('of %s → the first answer again, marked, and nothing is done', async (_what, asking) => {
    const [path, ask] = await asking();
    const post = () => app.client.post(path, { ...ask, headers: { [KEY]: key } });
    const [first, ...others] = [await post(), await post(), await post()];
    expect([first?.status, first && isReplay(first)]).toEqual([201, false]);
    for (const other of others) expect([kept(other), isReplay(other)]).toEqual([first && kept(first), true]);
    expect(first?.headers['etag']).toMatch(/^"[\w-]{22}"$/);
  });

  it('of what has changed since → the first answer all the same', async () => {
    const first = await place();
    const path = `/orders/${first.body.id}`;
    const changed = await app.client.patch(path, {
      as: ada.token,
      body: { note: 'New' },
      headers: { 'If-Match': '*' },
    });
    const again = await place();
    expect([changed.body.note, again.body.note]).toEqual(['New', null]);
    expect(kept(again)).toEqual(kept(first));
  });

  it.each([
    [
      'members in another order, and blanks',
      `{ "note": null,\n "items": [${JSON.stringify(anItem())}], "currency":"USD" }`,
    ],
    ['numbers and text spelled otherwise', JSON.stringify(ORDER).replace('790', '7.9e2').replace('USD', '\\u0055SD')],
  ])('%s → is the same body', async (_situation, body) => {
    const first = await place();
    const again = await place({ body });
    expect([isReplay(again), kept(again)]).toEqual([true, kept(first)]);
  });

  it.each<[string, object]>([
    ['another value', { ...ORDER, note: 'x' }],
    ['null left out', { currency: 'USD', items: [anItem()] }],
    ['items in another order', { ...ORDER, items: [anItem({ sku: 'b' }), anItem({ sku: 'a' })] }],
    ['what is no order', { nonsense: true }],
    ['a text to be trimmed', { ...ORDER, currency: 'USD', items: [anItem({ name: ' Green tea, 100 g' })] }],
  ])('%s → is another body: 422', async (_situation, body) => {
    await place();
    const before = await countOrders();
    const reply = await place({ body });
    expect(verdict(reply)).toEqual([422, 'idempotency.key_reused']);
    expect(await countOrders()).toBe(before);
    expect(isReplay(await place())).toBe(true);
  });

  it('after the first was cut off before it could tell what it changed → the repetition tells', async () => {
    const first = await place();
    const read = () => app.client.get(`/orders/${first.body.id}`, { as: ada.token });
    await read();
    await app.dataSource.query(`UPDATE orders SET note = 'changed unheard' WHERE id = $1`, [first.body.id]);
    expect((await read()).body.note).toBeNull(); // kept: nobody was told
    await place();
    expect((await read()).body.note).toBe('changed unheard');
  });

  it('by another user → is a request of its own', async () => {
    const [first, other] = [await place(), await place({ as: bob.token })];
    expect([other.status, isReplay(other), other.body.userId]).toEqual([201, false, bob.id]);
    expect(first.body.userId).toBe(ada.id);
    expect((await place()).body.id).toBe(first.body.id);
  });

  it('in another session of the same user → is a repetition', async () => {
    const first = await place();
    const { token } = await app.factory.session(
      await app.dataSource.getRepository(User).findOneByOrFail({ id: ada.id }),
    );
    expect(kept(await place({ as: token }))).toEqual(kept(first));
  });

  it('on another path → is a request of its own; in another spelling of the path → a repetition', async () => {
    const [one, two] = [await app.factory.anOrder(ada.id), await app.factory.anOrder(ada.id)];
    const pay = (id: string) =>
      app.client.post(`/orders/${id}/payments`, {
        as: ada.token,
        body: { amountCents: 100, method: 'card' },
        headers: { [KEY]: key },
      });
    const first = await pay(one.id);
    const encoded = `%3${one.id[0]}${one.id.slice(1)}`;
    const replies = [await pay(two.id), await pay(one.id.toUpperCase()), await pay(encoded)];
    expect(replies.map(isReplay)).toEqual([false, true, true]);
    expect(replies.slice(1).map(kept)).toEqual([kept(first), kept(first)]);
  });

  it('without a key where it is optional → is carried out', async () => {
    const body = { name: 'Ann', email: `${key}@example.com`, password: `of ann ${key}` };
    const replies = [await app.client.post('/users', { body }), await app.client.post('/users', { body })];
    expect(replies.map(verdict)).toEqual([
      [201, undefined],
      [409, 'user.email_taken'],
    ]);
  });
});
