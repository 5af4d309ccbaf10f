import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { anItem, ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let owner: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  owner = await app.factory.signedIn();
});
afterAll(() => app.stop());

const skus = (order: { items: { sku: string }[] }) => order.items.map(({ sku }) => sku);
const read = (id: string) => app.client.get(`/orders/${id}`, { as: owner.token });
const replaceItems = (id: string, names: readonly string[]) =>
  app.client.patch(`/orders/${id}`, {
    as: owner.token,
    body: { items: names.map((sku) => anItem({ sku })) },
    headers: { 'If-Match': '*' },
  });
const post = (path: string, body?: object) => app.client.post(path, { as: owner.token, body });

/** Sends the requests one after the other while the order is locked, so that they queue in this order, then lets go. */
async function queued(id: string, ...asks: (() => Promise<Reply>)[]): Promise<Reply[]> {
  const lockOrder = `SELECT FROM orders WHERE id = '${id}' FOR UPDATE`;
  const replies = await HeldLock.during(app.database.url, lockOrder, async (lock) => {
    const asked: Promise<Reply>[] = [];
    for (const ask of asks) {
      asked.push(ask());
      await lock.waiters(asked.length);
    }
    return asked.map((reply) => [reply] as const);
  });
  return Promise.all(replies.map(([reply]) => reply));
}

describe('changes of one order that wait for each other', () => {
  it.each<[string, (id: string) => Promise<Reply>, number]>([
    ['a payment', (id) => post(`/orders/${id}/payments`, { amountCents: 1, method: 'card' }), 201],
    ['a cancellation', (id) => post(`/orders/${id}/cancellation`), 200],
    [
      'a note',
      (id) => app.client.patch(`/orders/${id}`, { as: owner.token, body: { note: 'x' }, headers: { 'If-Match': '*' } }),
      200,
    ],
  ])('new items, then %s → the new items stay, the old ones do not come back', async (_what, ask, status) => {
    const { id } = await app.factory.anOrder(owner.id, { skus: ['OLD', 'KEPT'] });
    const [changed, second] = await queued(
      id,
      () => replaceItems(id, ['KEPT', 'NEW']),
      () => ask(id),
    );
    expect([changed?.status, second?.status]).toEqual([200, status]);
    const { body } = await read(id);
    expect([skus(body), body.totalCents]).toEqual([['KEPT', 'NEW'], 3_160]);
    if (second?.body.items) expect(second.body).toEqual(body);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('new items twice → the second replaces what the first left, and no sku is booked twice', async () => {
    const { id } = await app.factory.anOrder(owner.id, { skus: ['A'] });
    const replies = await queued(
      id,
      () => replaceItems(id, ['B', 'C']),
      () => replaceItems(id, ['C', 'A']),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = replies;
    expect(second?.body.items[0].id).toBe(first?.body.items[1].id);
    expect((await read(id)).text).toBe(second?.text);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('a payment, then new items → 409: the items are settled', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const [, second] = await queued(
      id,
      () => post(`/orders/${id}/payments`, { amountCents: 1, method: 'card' }),
      () => replaceItems(id, ['B']),
    );
    expect([second?.status, second?.body.code]).toEqual([409, 'order.not_editable']);
  });

  it('a cheaper order, then the old price → 422: what is due is what the change left', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const [, second] = await queued(
      id,
      () => replaceItems(id, ['B']),
      () => post(`/orders/${id}/payments`, { amountCents: 3_000, method: 'card' }),
    );
    expect([second?.status, second?.body.detail]).toEqual([422, '1580 is due.']);
  });
});

interface Shown {
  readonly id: string;
  readonly totalCents: number;
  readonly items: { readonly lineCents: number }[];
}

/** Reads of an order, and where the answer has it. */
const READS: readonly [route: string, path: (id: string) => string, find: (reply: Reply, id: string) => Shown][] = [
  ['/orders/{id}', (id) => `/orders/${id}`, ({ body }) => body],
  ['/orders', () => '/orders', ({ body }, id) => body.data.find((order: Shown) => order.id === id)],
  ['/orders?sku', () => '/orders?sku=A', ({ body }, id) => body.data.find((order: Shown) => order.id === id)],
  [
    '/users?include=orders',
    () => '/users?include=orders',
    ({ body }, id) =>
      body.data
        .flatMap(({ latestOrders }: { latestOrders: Shown[] }) => latestOrders)
        .find((order: Shown) => order.id === id),
  ],
];

describe('reads beside a change of the items', () => {
  it.each(READS)('%s → items and total of one moment', async (_route, path, find) => {
    const admin = await app.factory.admin();
    const { id } = await app.factory.anOrder(owner.id, { skus: ['A', 'B'] });
    // The reader stops at the table of items; meanwhile the holder changes order and items, and commits.
    const lockItems = 'LOCK TABLE order_items IN ACCESS EXCLUSIVE MODE';
    const [reading] = await HeldLock.during(app.database.url, lockItems, async (lock) => {
      const asked = app.client.get(path(id), { as: admin.token });
      await lock.waiters(1);
      await lock.query(
        `UPDATE order_items SET quantity = 2, line_cents = 2 * unit_price_cents WHERE order_id = '${id}'`,
      );
      await lock.query(`UPDATE orders SET total_cents = 2 * total_cents WHERE id = '${id}'`);
      await lock.commit();
      return [asked];
    });
    const { items, totalCents } = find(await reading, id);
    expect(totalCents).toBe(6_000);
    expect(items.reduce((sum, { lineCents }) => sum + lineCents, 0)).toBe(totalCents);
  });
});
