import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline', CACHE: 'off' });
  admin = await app.factory.admin();
  await app.factory.anOrder(admin.id, { status: 'paid' });
});
afterAll(() => app.stop());

const start = (data: object, as = admin) =>
  app.client.post('/process', { as: as.token, body: { type: 'analytics.verify', data } });
const read = async (id: string) => (await app.client.get(`/jobs/${id}`, { as: admin.token })).body;

/** @returns the job when it has ended. */
async function verify(data: object) {
  const { body } = await start(data);
  await until(async () => (await read(body.id)).finishedAt !== null);
  return read(body.id);
}

/** As somebody does who leaves the triggers out. */
async function pastTheTriggers(statement: string): Promise<void> {
  await app.dataSource.transaction(async (manager) => {
    await manager.query('SET LOCAL session_replication_role = replica');
    await manager.query(statement);
  });
}

const NONE = { revenue: 0, customers: 0, statuses: 0, products: 0, users: 0 };

describe('analytics.verify', () => {
  it('nothing is wrong → no difference', async () => {
    const { status, result, progress } = await verify({});
    expect([status, result, progress]).toEqual([
      'succeeded',
      { differences: NONE, mended: false },
      { done: 5, total: 5 },
    ]);
  });

  it('rows were written past the triggers → counted; mended when it is asked to, and not before', async () => {
    const revenue = async () => (await app.client.get('/aggregate', { as: admin.token })).body.revenue;
    await pastTheTriggers(`UPDATE transactions SET amount_cents = amount_cents + 7`);
    await pastTheTriggers(`UPDATE users SET deleted_at = now() WHERE id <> '${admin.id}'`);
    const before = await revenue();
    // A quarter, an hour, a day and all; a day and a month of the customer.
    const differences = { ...NONE, revenue: 4, customers: 2 };
    expect((await verify({})).result).toEqual({ differences, mended: false });
    expect(await revenue()).toEqual(before);
    expect((await verify({ mend: true })).result).toEqual({ differences, mended: true });
    expect(await revenue()).toEqual({ USD: Number(before.USD) + 7 });
    expect((await verify({})).result.differences).toEqual(NONE);
  });

  it('figures were kept before → forgotten when it mends', async () => {
    await app.dataSource.query(
      `INSERT INTO analytics_percentiles VALUES ('day', 'USD', '2026-01-01Z', '2026-01-02Z', 1, 1, 1)`,
    );
    await verify({ mend: true });
    expect(await app.dataSource.query('SELECT FROM analytics_percentiles')).toEqual([]);
  });

  it('cancelled while it recounts → its statement ends at the server', async () => {
    await HeldLock.during(app.database.url, 'LOCK TABLE order_items IN ACCESS EXCLUSIVE MODE', async (lock) => {
      const { body } = await start({});
      await lock.waiters(1);
      const cancelled = await app.client.delete(`/jobs/${body.id}`, { as: admin.token });
      expect(cancelled.body.status).toBe('cancelled');
      await lock.waiters(0);
    });
  });

  it.each([
    ['an analyst', '403', () => app.factory.analyst()],
    ['a customer', '403', () => app.factory.signedIn()],
  ])('%s → %s', async (_who, status, caller) => {
    expect(String((await start({}, await caller())).status)).toBe(status);
  });
});
