import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, fillWithDemoData } from '../../apps/api/src/demo/index.js';
import { ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const YEAR_S = 365 * 24 * 3_600;

let app: TestApp;
const fill = () => fillWithDemoData(app.app);
const query = <T>(sql: string): Promise<T[]> => app.dataSource.query<T[]>(sql);

async function counts() {
  const [found] = await query(`
    SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM orders) AS orders,
           (SELECT count(*) FROM order_items) AS items, (SELECT count(*) FROM transactions) AS transactions`);
  return found;
}

describe('an empty database that two instances fill at the same time', () => {
  beforeAll(async () => {
    app = await TestApp.start();
    await Promise.all([fill(), fill()]);
  });
  afterAll(() => app.stop());

  it('only one of them fills it', async () => {
    const told = app.log.lines().filter((line) => line['message'] === 'demo data filled in');
    expect(told).toHaveLength(1);
    expect(await counts()).toMatchObject({ users: told[0]?.['users'], orders: told[0]?.['orders'] });
  });

  it('volume → a few hundred people, a few thousand orders over a year, and balanced books', async () => {
    const [{ users, orders, customers } = { users: 0, orders: 0, customers: 0 }] = await query<
      Record<'users' | 'orders' | 'customers', number>
    >(`
      SELECT (SELECT count(*) FROM users) AS users, count(*) AS orders, count(DISTINCT user_id) AS customers FROM orders`);
    expect(users).toBeGreaterThanOrEqual(200);
    expect(users).toBeLessThan(1_000);
    expect(orders).toBeGreaterThanOrEqual(2_000);
    expect(orders).toBeLessThan(10_000);
    expect(customers).toBeGreaterThan(users * 0.8);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('times → every month of the last year has orders, nothing is in the future or before its cause', async () => {
    const months = await query(
      `SELECT DISTINCT width_bucket(extract(epoch FROM now() - placed_at), 0, ${YEAR_S}, 12) AS month FROM orders ORDER BY 1`,
    );
    expect(months).toEqual(Array.from({ length: 12 }, (_, n) => ({ month: n + 1 })));
    expect(
      await query('SELECT id FROM orders WHERE placed_at > now() OR updated_at > now() OR updated_at < placed_at'),
    ).toEqual([]);
    expect(
      await query('SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE o.placed_at < u.created_at'),
    ).toEqual([]);
    expect(
      await query(
        'SELECT t.id FROM transactions t JOIN orders o ON o.id = t.order_id WHERE t.created_at < o.placed_at OR t.created_at > now()',
      ),
    ).toEqual([]);
  });

  it('variety → every state, several currencies and skus; the demo accounts of staff do not order', async () => {
    const [variety] = await query(`
      SELECT count(DISTINCT status) AS states, count(DISTINCT currency) AS currencies,
             (SELECT count(DISTINCT sku) FROM order_items) AS skus, (SELECT count(DISTINCT name) FROM users) AS names,
             count(*) FILTER (WHERE user_id IN (SELECT id FROM users WHERE roles && ARRAY['admin', 'analyst'])) AS of_staff
      FROM orders`);
    expect(variety).toEqual({ states: 6, currencies: 3, skus: 14, names: 300, of_staff: 0 });
  });

  it('a later fill → changes nothing', async () => {
    const digest = () => query('SELECT md5(string_agg(o::text, $$|$$ ORDER BY id)) AS digest FROM orders o');
    const before = [await counts(), await digest()];
    await fill();
    expect([await counts(), await digest()]).toEqual(before);
  });

  it.each(DEMO_ACCOUNTS.map((account) => [account.role, account] as const))(
    'the demo account %s → signs in and may do what the role may',
    async (role, { email, name }) => {
      const signedIn = await app.client.post('/auth/token', {
        body: { grant_type: 'password', username: email, password: DEMO_PASSWORD },
      });
      const as = signedIn.body.access_token;
      const me = await app.client.get('/users/me', { as });
      expect(me.body).toMatchObject({ email, name, roles: [...new Set(['customer', role])], disabled: false });
      const [aggregate, users] = [await app.client.get('/aggregate', { as }), await app.client.get('/users', { as })];
      expect([aggregate.status, users.status]).toEqual(
        { customer: [403, 403], analyst: [200, 403], admin: [200, 200] }[role],
      );
    },
  );

  it('the demo customer → has orders to show', async () => {
    const { body } = await app.client.post('/auth/token', {
      body: { grant_type: 'password', username: 'customer@example.com', password: DEMO_PASSWORD },
    });
    const orders = await app.client.get('/orders?limit=100', { as: body.access_token });
    expect(orders.body.data.length).toBeGreaterThan(10);
  });
});

describe('a fill that fails on its last table', () => {
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('leaves nothing', async () => {
    await query('ALTER TABLE transactions ADD CONSTRAINT nothing CHECK (false)');
    await expect(fill()).rejects.toThrow('nothing');
    expect(await counts()).toEqual({ users: 0, orders: 0, items: 0, transactions: 0 });
  });
});

describe('a database with one user, even a deleted one', () => {
  beforeAll(async () => {
    app = await TestApp.start();
    await app.factory.aUser({ deletedAt: new Date() });
  });
  afterAll(() => app.stop());

  it('stays as it is', async () => {
    await fill();
    expect(await counts()).toEqual({ users: 1, orders: 0, items: 0, transactions: 0 });
  });
});
