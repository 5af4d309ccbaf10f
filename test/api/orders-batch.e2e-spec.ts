import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { anItem, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const KEY = 'Idempotency-Key';
const PATH = '/api/v1/orders/batch';

interface Entry {
  readonly index: number;
  readonly status: number;
  readonly location?: string;
  readonly order?: { readonly id: string; readonly note: string | null };
  readonly problem?: { readonly code: string; readonly errors?: { readonly pointer: string }[] };
}

let app: TestApp;
let ada: SignedIn;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
});
beforeEach(async () => {
  ada = await app.factory.signedIn();
  key = newId();
});
afterAll(() => app.stop());

const anOrder = (members: object = {}): object => ({ currency: 'USD', items: [anItem()], ...members });
const wrong = anOrder({ items: [anItem(), anItem({ sku: 'x', quantity: 0 })] });
const orders = (count: number): object[] => Array.from({ length: count }, (_, n) => anOrder({ note: `note ${n}` }));
const batch = (body: unknown, headers: Record<string, string> = {}) =>
  app.client.post('/orders/batch', {
    as: ada.token,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { [KEY]: key, 'Content-Type': 'application/json', ...headers },
  });
const entriesOf = ({ body }: Reply): Entry[] => body.data;
const verdictsOf = (reply: Reply): unknown[] =>
  entriesOf(reply).map(({ index, status, problem }) => [index, status, problem?.code]);
const isReplay = ({ headers }: Reply): boolean => headers['idempotent-replayed'] === 'true';
const rows = (): Promise<{ id: string }[]> =>
  app.dataSource.query('SELECT id FROM orders WHERE user_id = $1 ORDER BY placed_at, id', [ada.id]);

describe('POST /orders/batch', () => {
  it('three good orders → 207, each with the answer that POST /orders gives, in order', async () => {
    const reply = await batch({ orders: orders(3) });
    expect([reply.status, isReplay(reply), reply.headers['etag']]).toEqual([207, false, undefined]);
    expect(reply.headers['cache-control']).toBe('no-store');
    for (const [index, entry] of entriesOf(reply).entries()) {
      expect(entry).toEqual({ index, status: 201, location: `/api/v1/orders/${entry.order?.id}`, order: entry.order });
      const read = await app.client.get(`/orders/${entry.order?.id}`, { as: ada.token });
      expect(read.body).toEqual({ ...entry.order, note: `note ${index}`, userId: ada.id });
    }
    expect(await rows()).toHaveLength(3);
  });

  it('some wrong → those alone are refused, with pointers into the request', async () => {
    const input = [anOrder(), wrong, null, 'text', anOrder({ items: [anItem({ unitPriceCents: 0 })] }), [], anOrder()];
    const reply = await batch({ orders: input });
    const refused = (index: number) => [index, 422, 'request.invalid'];
    expect(verdictsOf(reply)).toEqual([[0, 201, undefined], ...[1, 2, 3, 4, 5].map(refused), [6, 201, undefined]]);
    expect(entriesOf(reply).map(({ problem }) => problem?.errors?.map(({ pointer }) => pointer))).toEqual([
      undefined,
      ['/orders/1/items/1/quantity'],
      ['/orders/2'],
      ['/orders/3'],
      ['/orders/4/items'],
      ['/orders/5'],
      undefined,
    ]);
    expect(entriesOf(reply)[1]?.problem).toMatchObject({
      type: '/problems/request.invalid',
      status: 422,
      instance: PATH,
      requestId: reply.headers['x-request-id'],
    });
    expect(await rows()).toHaveLength(2);
  });

  it.each<[string, unknown, string[]]>([
    ['no array', { orders: {} }, ['/orders']],
    ['none', { orders: [] }, ['/orders']],
    ['101', { orders: orders(101) }, ['/orders']],
    ['absent', {}, ['/orders']],
    ['an unknown member', { orders: orders(1), 'a/b': 1 }, ['/a~1b']],
    ['both', { other: 1, toString: 2 }, ['/other', '/toString', '/orders']],
    ['an array', orders(2), ['']],
    ['null', null, ['']],
  ])('as a whole: %s → 422, and nothing is done', async (_situation, body, pointers) => {
    const reply = await batch(body);
    expect([reply.status, reply.body.code, pointersOf(reply)]).toEqual([422, 'request.invalid', pointers]);
    expect(await rows()).toEqual([]);
  });

  it('no body → 422; a query → 422; nobody → 401; a wrong key → 400', async () => {
    const replies = [
      await app.client.post('/orders/batch', { as: ada.token, headers: { [KEY]: key } }),
      await app.client.post('/orders/batch?a=1', { as: ada.token, body: { orders: orders(1) } }),
      await app.client.post('/orders/batch', { body: { orders: orders(1) } }),
      await batch({ orders: 1 }, { [KEY]: '' }),
    ];
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'request.invalid'],
      [422, 'request.invalid'],
      [401, 'auth.token_missing'],
      [400, 'idempotency.key_invalid'],
    ]);
  });

  it('100 orders → 100 orders', async () => {
    const reply = await batch({ orders: orders(100) });
    expect(entriesOf(reply).map(({ order }) => order?.note)).toEqual(orders(100).map((_, n) => `note ${n}`));
    expect(await rows()).toHaveLength(100);
  });

  it('Prefer: return=minimal → entries without their orders, also when they are replays', async () => {
    const prefer = { Prefer: 'return=minimal' };
    const replies = [await batch({ orders: orders(2) }, prefer), await batch({ orders: orders(2) }, prefer)];
    for (const reply of replies) {
      expect(reply.headers['preference-applied']).toBe('return=minimal');
      expect(entriesOf(reply).map((entry) => Object.keys(entry))).toEqual(
        Array(2).fill(['index', 'status', 'location']),
      );
    }
    expect(replies.map(isReplay)).toEqual([false, true]);
    const whole = await batch({ orders: orders(2) });
    expect([whole.headers['preference-applied'], entriesOf(whole).map(({ order }) => order?.note)]).toEqual([
      undefined,
      ['note 0', 'note 1'],
    ]);
  });
});

describe('a batch that is repeated', () => {
  it('wholly done → the same entries, marked, and nothing is done', async () => {
    const first = await batch({ orders: orders(3) });
    const again = await batch({ orders: orders(3) });
    expect([isReplay(again), again.text]).toEqual([true, first.text]);
    expect(await rows()).toHaveLength(3);
  });

  it('partly done, for it was cut off → the rest is done, and it is no replay', async () => {
    await batch({ orders: orders(3) });
    const [, second] = await rows();
    await app.dataSource.query('DELETE FROM idempotency_keys WHERE key = $1', [`${key}:1`]);
    await app.dataSource.query('DELETE FROM orders WHERE id = $1', [second?.id]);
    const again = await batch({ orders: orders(3) });
    expect([isReplay(again), verdictsOf(again)]).toEqual([false, [0, 1, 2].map((index) => [index, 201, undefined])]);
    expect(await rows()).toHaveLength(3);
  });

  it('with entries that were refused → those are tried again', async () => {
    const replies = [await batch({ orders: [anOrder(), wrong] }), await batch({ orders: [anOrder(), wrong] })];
    expect(replies.map(isReplay)).toEqual([false, false]);
    expect(replies.map(verdictsOf)).toEqual(
      Array(2).fill([
        [0, 201, undefined],
        [1, 422, 'request.invalid'],
      ]),
    );
    expect(await rows()).toHaveLength(1);
  });

  it.each([
    ['another order', (): object => ({ orders: [anOrder(), anOrder({ note: 'x' })] })],
    ['one more', (): object => ({ orders: orders(3) })],
    ['one less', (): object => ({ orders: orders(1) })],
    ['one that would be refused by itself', (): object => ({ orders: [] })],
    ['nothing', (): object => ({})],
  ])('with another body: %s → 422 for the whole', async (_situation, body) => {
    await batch({ orders: orders(2) });
    const reply = await batch(body());
    expect([reply.status, reply.body.code]).toEqual([422, 'idempotency.key_reused']);
    expect(await rows()).toHaveLength(2);
  });

  it('with another body, when nothing was done → is a batch of its own', async () => {
    await batch({ orders: [wrong] });
    expect(verdictsOf(await batch({ orders: orders(1) }))).toEqual([[0, 201, undefined]]);
  });

  it('two at once with different bodies → one of them is done, and the other never', async () => {
    const bodies = [{ orders: [wrong, ...orders(2)] }, { orders: [...orders(3), wrong] }];
    const replies = await Promise.all(bodies.map((body) => batch(body)));
    const placed = replies.map(({ status, body }) =>
      status === 207 ? body.data.filter((entry: Entry) => entry.status === 201).length : 0,
    );
    expect(placed.filter((count) => count > 0)).toEqual([(await rows()).length]);
    const again = await Promise.all(bodies.map((body) => batch(body)));
    expect(again.map(({ status }) => status)).toEqual(placed.map((count) => (count > 0 ? 207 : 422)));
  });

  it('with a key that another body uses up at the same moment → 422 for the whole', async () => {
    await batch({ orders: orders(1) });
    const scope = `(SELECT scope FROM idempotency_keys WHERE key = '${key}')`;
    key = newId();
    const use = `INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES (${scope}, '${key}', 'of another')`;
    await HeldLock.during(app.database.url, use, async (lock) => {
      const reply = batch({ orders: orders(2) });
      await lock.waiters(1); // it has looked for the key, and found none
      await lock.commit();
      expect([(await reply).status, (await reply).body.code]).toEqual([422, 'idempotency.key_reused']);
    });
    expect(await rows()).toHaveLength(1);
  });

  it('ten at once with the same body → each order once', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => batch({ orders: orders(5) })));
    const statuses = replies.flatMap((reply) => entriesOf(reply).map(({ status }) => status));
    expect([201, 409]).toEqual(expect.arrayContaining(statuses));
    expect(await rows()).toHaveLength(5);
    const last = await batch({ orders: orders(5) });
    expect([isReplay(last), entriesOf(last).map(({ order }) => order?.id)]).toEqual([
      true,
      (await rows()).map(({ id }) => id),
    ]);
  });
});
