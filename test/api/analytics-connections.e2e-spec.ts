import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { RollupFolder } from '../../apps/api/src/analytics/rollups/rollup.folder.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { type Backend, HeldLock } from '../support/held-lock.js';
import { anItem, ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const EXCLUSIVE = (tables: string): string => `LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`;

describe('the three queries of one answer', () => {
  let app: TestApp;
  let admin: SignedIn;
  beforeAll(async () => {
    app = await TestApp.start({ CACHE: 'off' });
    await app.app.get(RollupFolder).beforeApplicationShutdown(); // it would wait for the locks, too
    admin = await app.factory.admin();
    await app.factory.anOrder(admin.id, { status: 'paid' });
  });
  afterAll(() => app.stop());

  it('/aggregate, all of them blocked → three connections wait at the same time', async () => {
    const tables = EXCLUSIVE('analytics_users, analytics_revenue');
    const { waiters, asking } = await HeldLock.during(app.database.url, tables, async (lock) => {
      const asked = app.client.get('/aggregate', { as: admin.token });
      return { waiters: await lock.waiters(3), asking: [asked] };
    });
    expect(new Set(waiters.map(({ pid }) => pid)).size).toBe(3);
    expect(waiters.map(tableOf).toSorted()).toEqual(['analytics_revenue', 'analytics_revenue', 'analytics_users']);
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200]);
  });

  it('/aggregate, one of them blocked → the others have finished, the answer waits for the last, and all of it is of one state', async () => {
    let isAnswered = false;
    const asking = await HeldLock.during(app.database.url, EXCLUSIVE('analytics_users'), async (lock) => {
      const asked = app.client.get('/aggregate', { as: admin.token }).finally(() => (isAnswered = true));
      expect((await lock.waiters(1)).map(tableOf)).toEqual(['analytics_users']);
      const others = await lock.finishers('analytics_revenue', 2);
      expect(others.map(tableOf)).toEqual(['analytics_revenue', 'analytics_revenue']);
      expect(isAnswered).toBe(false);
      await app.factory.anOrder(admin.id); // the orders were counted before
      return [asked];
    });
    const [answer] = await Promise.all(asking);
    expect([answer?.status, answer?.body.orders]).toEqual([200, 2]);
  });
});

function tableOf({ query }: Backend): string | undefined {
  return /from "?(\w+)/i.exec(query)?.[1];
}

describe.each(['1', '2'])('a pool of %s', (DATABASE_POOL_MAX) => {
  let app: TestApp;
  let owner: SignedIn;
  let admin: SignedIn;
  beforeAll(async () => {
    app = await TestApp.start({ DATABASE_POOL_MAX });
    [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
    await app.factory.anOrder(owner.id, { status: 'paid' });
  });
  afterAll(async () => {
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
    await app.stop();
  });
  const statuses = async (asks: readonly Promise<Reply>[]) => (await Promise.all(asks)).map(({ status }) => status);

  it('ten answers of several queries at once → all of them come: none holds a connection while it asks for another', async () => {
    const asks = Array.from({ length: 10 }, (_, n) =>
      n % 2 === 0
        ? app.client.get('/aggregate', { as: admin.token })
        : app.client.get(`/users/${owner.id}/analytics`, { as: admin.token }),
    );
    expect(await statuses(asks)).toEqual(Array.from({ length: 10 }, () => 200));
  });

  it('ten lists with their totals at once → all of them come', async () => {
    const headers = { Prefer: 'return=total-count' };
    const asks = Array.from({ length: 10 }, () => app.client.get('/orders?sku=SKU-A', { as: admin.token, headers }));
    expect(await statuses(asks)).toEqual(Array.from({ length: 10 }, () => 200));
  });

  it('eight lives of an order at once → each goes its whole way: a transaction needs no second connection', async () => {
    const post = (path: string, as: SignedIn, body?: object) => app.client.post(path, { as: as.token, body });
    const live = async (): Promise<number[]> => {
      const placed = await post('/orders', owner, { currency: 'USD', items: [anItem()] });
      const path = `/orders/${placed.body.id}`;
      const items = [anItem({ sku: 'B', unitPriceCents: 500 })];
      const rest = [
        await app.client.patch(path, { as: owner.token, body: { items, note: 'x' }, headers: { 'If-Match': '*' } }),
        await post(`${path}/payments`, owner, { amountCents: 1_000, method: 'card' }),
        await post(`${path}/shipment`, admin),
        await post(`${path}/delivery`, admin),
        await post(`${path}/refunds`, admin, { amountCents: 400, reason: 'Broken.' }),
        await app.client.get(`${path}/transactions`, { as: owner.token, headers: { Prefer: 'return=total-count' } }),
      ];
      return [placed, ...rest].map(({ status }) => status);
    };
    const lives = await Promise.all(Array.from({ length: 8 }, live));
    expect(lives).toEqual(Array.from({ length: 8 }, () => [201, 200, 201, 200, 200, 201, 200]));
  });

  it('jobs about users, with keys, at once → all are queued: who may start them is read in the transaction of the key', async () => {
    const { id: userId } = await app.factory.aUser();
    const asks = ['users.export', 'users.erasure', 'users.export', 'users.erasure'].map((type) => {
      const headers = { 'Idempotency-Key': newId() };
      return app.client.post('/process', { as: admin.token, headers, body: { type, data: { userId } } });
    });
    expect(await statuses(asks)).toEqual([202, 202, 202, 202]);
  });

  it('twenty payments and a cancellation of one order at once → all are answered', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const asks = [
      app.client.post(`/orders/${id}/cancellation`, { as: admin.token }),
      ...Array.from({ length: 20 }, () =>
        app.client.post(`/orders/${id}/payments`, { as: owner.token, body: { amountCents: 100, method: 'card' } }),
      ),
    ];
    expect((await statuses(asks)).filter((status) => status >= 500)).toEqual([]);
  });
});
