import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DemoRandom } from '../../apps/api/src/demo/demo-random.js';
import type { SignedIn } from '../support/factory.js';
import { anItem, ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const CURRENCIES = ['USD', 'EUR', 'JPY', 'BHD'] as const;
const STEPS = 240;

let app: TestApp;
let admin: SignedIn;
let users: SignedIn[];
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  admin = await app.factory.admin();
  users = [];
  for (let n = 0; n < 5; n += 1) users.push(await app.factory.signedIn());
  await trade(new DemoRandom(2026));
  await app.client.delete(`/users/${users[0]?.id}`, { as: admin.token, headers: { 'If-Match': '*' } });
});
afterAll(() => app.stop());

/** A history through the API, whose steps are allowed or refused as they come. */
async function trade(random: DemoRandom): Promise<void> {
  const orders: { id: string; owner: SignedIn; totalCents: number }[] = [];
  for (let n = 0; n < STEPS; n += 1) {
    if (orders.length < 10 || random.next() < 0.3) {
      const owner = random.pick(users.slice(0, -1)); // the last one never orders
      const items = [anItem({ sku: 'A', quantity: random.between(1, 9), unitPriceCents: random.between(1, 999) })];
      const { body } = await app.client.post('/orders', {
        as: owner.token,
        body: { currency: random.pick(CURRENCIES), items },
      });
      orders.push({ id: body.id, owner, totalCents: body.totalCents });
      continue;
    }
    const { id, owner, totalCents } = random.pick(orders);
    const amountCents = random.next() < 0.5 ? totalCents : random.between(1, totalCents);
    const [path, body] = random.pick([
      ['payments', { amountCents, method: 'card' }],
      ['payments', { amountCents: totalCents, method: 'cash' }],
      ['refunds', { amountCents, reason: 'Broken.' }],
      ['cancellation', {}],
      ['shipment', {}],
    ] as const);
    await app.client.post(`/orders/${id}/${path}`, { as: path === 'payments' ? owner.token : admin.token, body });
  }
}

interface Row {
  readonly user_id: string;
  readonly currency: string;
  readonly status: string;
  readonly total_cents: string;
  readonly placed_at: Date;
  readonly net: string;
}

/** The base tables, whole, and added up here in whole numbers of any size. */
async function recount(userId?: string) {
  const rows: Row[] = await app.dataSource.query(
    `SELECT o.user_id, o.currency, o.status, o.total_cents::text, o.placed_at,
            (SELECT coalesce(sum(amount_cents) FILTER (WHERE kind = 'payment'), 0) - coalesce(sum(amount_cents) FILTER (WHERE kind = 'refund'), 0)
             FROM transactions WHERE order_id = o.id)::text AS net,
            EXISTS (SELECT FROM transactions WHERE order_id = o.id) AS moved
     FROM orders o WHERE $1::uuid IS NULL OR user_id = $1 ORDER BY placed_at`,
    [userId ?? null],
  );
  return {
    ordersCount: rows.length,
    revenue: byCurrency(
      rows.filter((row) => Reflect.get(row, 'moved') === true),
      (of) => of.reduce((sum, { net }) => sum + BigInt(net), 0n),
    ),
    averageOrderCents: byCurrency(
      rows.filter(({ status }) => status !== 'cancelled'),
      (of) => {
        const total = of.reduce((sum, row) => sum + BigInt(row.total_cents), 0n);
        return (2n * total + BigInt(of.length)) / (2n * BigInt(of.length));
      },
    ),
    firstOrderAt: rows[0]?.placed_at.toISOString() ?? null,
    lastOrderAt: rows.at(-1)?.placed_at.toISOString() ?? null,
  };
}

function byCurrency(rows: readonly Row[], add: (rows: readonly Row[]) => bigint): Record<string, number> {
  const codes = [...new Set(rows.map(({ currency }) => currency))];
  return Object.fromEntries(codes.map((code) => [code, Number(add(rows.filter(({ currency }) => currency === code)))]));
}

describe('after a random history of orders, payments, refunds and cancellations', () => {
  it('the history → has something of everything, and its books are balanced', async () => {
    const found: { status: string }[] = await app.dataSource.query(
      'SELECT DISTINCT status FROM orders ORDER BY status',
    );
    expect(found.map(({ status }) => status)).toEqual(['cancelled', 'paid', 'pending', 'refunded', 'shipped']);
    const [partly] = await app.dataSource.query(
      'SELECT count(*) AS count FROM orders WHERE refunded_cents > 0 AND refunded_cents < paid_cents',
    );
    expect(partly.count).toBeGreaterThan(0);
    expect(Object.keys((await recount()).revenue).toSorted()).toEqual(CURRENCIES.toSorted());
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('GET /aggregate → a recount of the base tables; users without the deleted one, orders with his', async () => {
    const before = Date.now();
    const { status, body } = await app.client.get('/aggregate', { as: admin.token });
    const { ordersCount, revenue } = await recount();
    expect([status, body]).toEqual([
      200,
      { users: users.length, orders: ordersCount, revenue, asOf: expect.any(String) },
    ]);
    const asOf = Date.parse(body.asOf);
    expect(asOf >= before && asOf <= Date.now()).toBe(true);
  });

  it('GET /users/{id}/analytics of everyone, the deleted one too → a recount of his rows', async () => {
    for (const { id } of users) {
      const { body } = await app.client.get(`/users/${id}/analytics`, { as: admin.token });
      expect(body).toEqual({ userId: id, ...(await recount(id)), asOf: expect.any(String) });
    }
  });

  it('the analytics of all users → add up to the aggregate', async () => {
    const replies = await Promise.all(
      users.map(({ id }) => app.client.get(`/users/${id}/analytics`, { as: admin.token })),
    );
    const { body } = await app.client.get('/aggregate', { as: admin.token });
    const sums = new Map<string, number>();
    for (const reply of replies) {
      for (const [code, cents] of Object.entries<number>(reply.body.revenue))
        sums.set(code, (sums.get(code) ?? 0) + cents);
    }
    expect(Object.fromEntries(sums)).toEqual(body.revenue);
    expect(replies.reduce((sum, reply) => sum + reply.body.ordersCount, 0)).toBe(body.orders);
  });
});

describe('GET /users/{id}/analytics', () => {
  const analyse = async (user: SignedIn) =>
    (await app.client.get(`/users/${user.id}/analytics`, { as: user.token })).body;

  it('without orders → zeros, empty objects and null dates', async () => {
    const user = await app.factory.signedIn();
    expect(await analyse(user)).toEqual({
      userId: user.id,
      ordersCount: 0,
      revenue: {},
      averageOrderCents: {},
      firstOrderAt: null,
      lastOrderAt: null,
      asOf: expect.any(String),
    });
  });

  it.each<[totals: number[], average: number]>([
    [[1, 2], 2],
    [[1, 1, 2], 1],
    [[1, 2, 2], 2],
    [[1, 1, 1, 3], 2],
    [[3, 4], 4],
    [[1_000_000_000_000, 1_000_000_000_001], 1_000_000_000_001],
  ])('orders of %j → the average rounded half up is %i', async (totals, average) => {
    const user = await app.factory.signedIn();
    for (const total of totals) {
      const quantity = total > 1e9 ? 1_000 : 1;
      const rest = total % quantity;
      const items = [
        anItem({ sku: 'A', quantity, unitPriceCents: (total - rest) / quantity }),
        anItem({ sku: 'B', quantity: 1, unitPriceCents: rest }),
      ];
      const reply = await app.client.post('/orders', { as: user.token, body: { currency: 'USD', items } });
      expect(reply.body.totalCents).toBe(total);
    }
    expect((await analyse(user)).averageOrderCents).toEqual({ USD: average });
  });

  it('a cancelled order → counts, gives the dates, but does not weigh in the average', async () => {
    const user = await app.factory.signedIn();
    await app.factory.anOrder(user.id, {
      status: 'cancelled',
      skus: ['A'],
      placedAt: new Date('2026-01-01T00:00:00Z'),
    });
    await app.factory.anOrder(user.id, { skus: ['A', 'B'], placedAt: new Date('2026-02-01T00:00:00Z') });
    expect(await analyse(user)).toMatchObject({
      ordersCount: 2,
      averageOrderCents: { USD: 3_000 },
      revenue: {},
      firstOrderAt: '2026-01-01T00:00:00.000Z',
      lastOrderAt: '2026-02-01T00:00:00.000Z',
    });
  });

  it('a refund of all → the revenue of the currency is 0', async () => {
    const user = await app.factory.signedIn();
    await app.factory.anOrder(user.id, { status: 'refunded', currency: 'EUR' });
    expect((await analyse(user)).revenue).toEqual({ EUR: 0 });
  });
});
