import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

async function names(query: string): Promise<string[]> {
  const { status, body } = await app.client.get(`/users?${query}`, { as: admin.token });
  expect(status).toBe(200);
  return body.data.map(({ name }: { name: string }) => name);
}

const encoded = encodeURIComponent;

describe('GET /users', () => {
  it('users → newest first, without those that are deleted', async () => {
    await app.factory.aUser({ name: 'Order old', createdAt: new Date('2020-01-01') });
    await app.factory.aUser({ name: 'Order new', createdAt: new Date('2020-01-03') });
    await app.factory.aUser({ name: 'Order mid', createdAt: new Date('2020-01-02'), disabled: true });
    await app.factory.aUser({ name: 'Order gone', createdAt: new Date('2020-01-02'), deletedAt: new Date() });
    expect(await names('name=Order')).toEqual(['Order new', 'Order mid', 'Order old']);
  });

  it('an entry → is the user as he is read alone', async () => {
    const { id, email } = await app.factory.aUser();
    const [list, read] = await Promise.all(
      [`/users?email=${email}`, `/users/${id}`].map((path) => app.client.get(path, { as: admin.token })),
    );
    expect(list?.body.data).toEqual([read?.body]);
  });

  it('nobody found → an empty page', async () => {
    const { body } = await app.client.get('/users?email=nobody@example.com', { as: admin.token });
    expect(body).toEqual({ data: [], page: { limit: 20, nextCursor: null, hasMore: false } });
  });
});

describe('GET /users by name', () => {
  beforeAll(async () => {
    const all = ['Percy', 'percival', '100% Percy', '100 Percy', 'Per_cy', 'Perxcy', 'Per\\cy', 'O’Percy', "Per'cy"];
    for (const [day, name] of all.entries()) await app.factory.aUser({ name, createdAt: new Date(day) });
  });

  it.each([
    ['a prefix', 'Perc', ['percival', 'Percy']],
    ['a prefix in another case', 'pERC', ['percival', 'Percy']],
    ['a whole name', 'Percy', ['Percy']],
    ['the middle of a name', 'ercy', []],
    ['a percent sign', '100%', ['100% Percy']],
    ['a percent sign alone', '%', []],
    ['an underscore', 'Per_', ['Per_cy']],
    ['a backslash', 'Per\\', ['Per\\cy']],
    ['a quote', "Per'", ["Per'cy"]],
    ['blanks around', ' Percy ', ['Percy']],
    ['SQL', "x' OR '1'='1", []],
  ])('%s → those that start so', async (_situation, prefix, found) => {
    expect(await names(`name=${encoded(prefix)}`)).toEqual(found);
  });
});

describe('GET /users by the other filters', () => {
  beforeAll(async () => {
    await app.factory.aUser({ name: 'Filter', email: 'Filter.Me@example.com' });
    await app.factory.aUser({ name: 'Role analyst', roles: ['customer', 'analyst'], createdAt: new Date(1) });
    await app.factory.aUser({ name: 'Role none', createdAt: new Date(2) });
    await app.factory.aUser({ name: 'Role both', roles: ['customer', 'analyst', 'admin'], createdAt: new Date(3) });
    await app.factory.aUser({ name: 'Role admin', roles: ['customer', 'admin'], createdAt: new Date(4) });
  });

  it.each([
    ['to the letter', 'Filter.Me@example.com'],
    ['in another case', 'FILTER.me@EXAMPLE.com'],
  ])('the address %s → the one user', async (_situation, email) => {
    expect(await names(`email=${encoded(email)}`)).toEqual(['Filter']);
  });

  it('a part of an address → nobody', async () => {
    await app.factory.aUser({ email: 'whole@example.com' });
    expect(await names('email=whole@example.co')).toEqual([]);
  });

  it.each([
    ['customer', ['Role admin', 'Role both', 'Role none', 'Role analyst']],
    ['analyst', ['Role both', 'Role analyst']],
    ['admin', ['Role admin', 'Role both']],
  ])('the role %s → everyone who has it', async (role, found) => {
    expect(await names(`name=Role&role=${role}`)).toEqual(found);
  });
});

describe('GET /users by the time of registration', () => {
  const MOMENTS = [
    '2025-12-31T23:59:59.999Z',
    '2026-01-01T00:00:00.000Z',
    '2026-01-31T23:59:59.999Z',
    '2026-02-01T00:00:00.000Z',
  ];
  beforeAll(async () => {
    for (const moment of MOMENTS) await app.factory.aUser({ name: `Time ${moment}`, createdAt: new Date(moment) });
  });

  it.each([
    ['a month by bare dates, half-open', 'createdAfter=2026-01-01&createdBefore=2026-02-01', [2, 1]],
    ['from a bare date on', 'createdAfter=2026-01-01', [3, 2, 1]],
    ['before a bare date', 'createdBefore=2026-01-01', [0]],
    ['an instant', 'createdAfter=2026-01-31T23:59:59.999Z', [3, 2]],
    ['a millisecond later', 'createdAfter=2026-02-01T00:00:00.001Z', []],
    ['an instant elsewhere', `createdAfter=${encodeURIComponent('2026-02-01T01:00:00+01:00')}`, [3]],
    ['an empty range', 'createdAfter=2026-01-15&createdBefore=2026-01-15', []],
    ['a range turned round', 'createdAfter=2026-02-01&createdBefore=2026-01-01', []],
    ['the beginning of time', 'createdAfter=0001-01-01', [3, 2, 1, 0]],
    ['the end of time', 'createdAfter=9999-12-31', []],
  ])('%s → those within', async (_situation, query, found) => {
    expect(await names(`name=Time&${query}`)).toEqual(found.map((n) => `Time ${MOMENTS[n]}`));
  });
});

describe('GET /users?include=orders', () => {
  it('a user with orders → their number, the revenue by currency and the three newest with items', async () => {
    const { id, email } = await app.factory.aUser();
    const placed = (day: number, members: object) =>
      app.factory.anOrder(id, { placedAt: new Date(Date.UTC(2026, 0, day)), ...members });
    await placed(1, { status: 'paid' });
    await placed(2, { status: 'delivered', currency: 'EUR', refundedCents: 500 });
    const newest = [
      await placed(3, { status: 'refunded' }),
      await placed(4, {}),
      await placed(5, { status: 'shipped' }),
    ].toReversed();
    const { body } = await app.client.get(`/users?include=orders&email=${email}`, { as: admin.token });
    const [entry] = body.data;
    expect([entry.ordersCount, entry.revenue]).toEqual([5, { EUR: 2_500, USD: 6_000 }]);
    const reads = await Promise.all(newest.map((order) => app.client.get(`/orders/${order.id}`, { as: admin.token })));
    expect(entry.latestOrders).toEqual(reads.map((read) => read.body));
    expect(entry.latestOrders[0].items).toHaveLength(2);
  });

  it('a user without orders → nothing, but the members', async () => {
    const { email } = await app.factory.aUser();
    const { body } = await app.client.get(`/users?include=orders&email=${email}`, { as: admin.token });
    expect(body.data).toEqual([expect.objectContaining({ ordersCount: 0, revenue: {}, latestOrders: [] })]);
  });

  it('several users → each has his own', async () => {
    const all = await Promise.all([1, 2, 3].map(() => app.factory.aUser({ name: 'Own' })));
    await Promise.all(
      all.flatMap(({ id }, n) => Array.from({ length: n + 1 }, () => app.factory.anOrder(id, { status: 'paid' }))),
    );
    const { body } = await app.client.get('/users?include=orders&name=Own', { as: admin.token });
    for (const { id, ordersCount, revenue, latestOrders } of body.data) {
      const count = 1 + all.findIndex((user) => user.id === id);
      expect([ordersCount, revenue]).toEqual([count, { USD: count * 3_000 }]);
      expect(latestOrders.map(({ userId }: { userId: string }) => userId)).toEqual(Array(count).fill(id));
    }
  });

  it('not asked for → none of the members', async () => {
    const { email } = await app.factory.aUser();
    const { body } = await app.client.get(`/users?email=${email}`, { as: admin.token });
    expect(Object.keys(body.data[0])).not.toContain('ordersCount');
  });

  it('nobody found → an empty page', async () => {
    const { status, body } = await app.client.get('/users?include=orders&email=nobody@example.com', {
      as: admin.token,
    });
    expect([status, body.data]).toEqual([200, []]);
  });
});
