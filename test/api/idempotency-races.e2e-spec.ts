import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { IdempotencySweeper } from '@app/rest';
import pg from 'pg';
import { register } from 'prom-client';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { anItem, ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const KEY = 'Idempotency-Key';
const ORDER = { currency: 'USD', items: [anItem()] };
const FULL = { amountCents: 3_000, method: 'card' };
const MANY = 100;

let app: TestApp;
let user: SignedIn;
let key: string;
beforeAll(async () => {
  // Fewer connections than requests: one that took a second inside its transaction would wait for the others for ever.
  app = await TestApp.start({ DATABASE_POOL_MAX: '2' });
});
beforeEach(async () => {
  user = await app.factory.signedIn();
  key = newId();
});
afterAll(async () => {
  expect(await ledgerFaults(app.dataSource)).toEqual([]);
  await app.stop();
});

const place = (given = key, body: object = ORDER) =>
  app.client.post('/orders', { as: user.token, body, headers: { [KEY]: given } });
const pay = (id: string, given = key, body: object = FULL) =>
  app.client.post(`/orders/${id}/payments`, { as: user.token, body, headers: { [KEY]: given } });
const times = <T>(length: number, ask: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length }, (_, n) => ask(n)));
const isReplay = ({ headers }: Reply): boolean => headers['idempotent-replayed'] === 'true';

function outcome(reply: Reply): string {
  if (reply.status === 201) return isReplay(reply) ? 'replayed' : 'executed';
  return `${reply.status} ${reply.body.code}`;
}

const IN_PROGRESS = '409 idempotency.in_progress';

async function count(table: 'orders' | 'transactions' | 'idempotency_keys'): Promise<number> {
  const condition = {
    orders: 'user_id = $1',
    transactions: 'order_id IN (SELECT id FROM orders WHERE user_id = $1)',
    idempotency_keys: 'key = $1',
  }[table];
  const parameter = table === 'idempotency_keys' ? key : user.id;
  const [row] = await app.dataSource.query<{ count: number }[]>(`SELECT count(*) FROM ${table} WHERE ${condition}`, [
    parameter,
  ]);
  return row?.count ?? 0;
}

/** How often each outcome has been counted so far. */
async function counted(): Promise<Record<string, number>> {
  const metric = await register.getSingleMetric('plinth_idempotent_requests_total')?.get();
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels['outcome'], value]));
}

describe(`${MANY} requests at once with one key`, () => {
  it('that place an order → one order, one executed, the others in progress or replayed, all of the same order', async () => {
    const replies = await times(MANY, () => place());
    const outcomes = replies.map(outcome);
    expect(outcomes.filter((one) => one === 'executed')).toHaveLength(1);
    expect(['executed', 'replayed', IN_PROGRESS]).toEqual(expect.arrayContaining(outcomes));
    expect(new Set(replies.flatMap(({ body }) => body.id ?? [])).size).toBe(1);
    expect([await count('orders'), await count('idempotency_keys')]).toEqual([1, 1]);
    expect(outcome(await place())).toBe('replayed');
  });

  it('that pay an order in full → one payment, and nobody hears that it is paid already', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await app.factory.anOrder(user.id);
      const outcomes = (await times(MANY / 2, () => pay(id, `${key}-${round}`))).map(outcome);
      expect(outcomes.filter((one) => one === 'executed')).toHaveLength(1);
      expect(['executed', 'replayed', IN_PROGRESS]).toEqual(expect.arrayContaining(outcomes));
    }
    expect(await count('transactions')).toBe(10);
  });

  it('that differ in their bodies → one order; nobody gets the answer to what he has not asked', async () => {
    const replies = await times(MANY, (n) => place(key, { ...ORDER, note: `note ${n % 2}` }));
    const [executed] = replies.filter((reply) => outcome(reply) === 'executed');
    const replays = replies.filter(isReplay);
    expect(await count('orders')).toBe(1);
    expect(replays.every(({ body }) => body.note === executed?.body.note)).toBe(true);
    const again = await times(2, (n) => place(key, { ...ORDER, note: `note ${n}` }));
    expect(again.map(outcome).toSorted()).toEqual(['422 idempotency.key_reused', 'replayed']);
  });
});

describe('50 requests at once on two connections', () => {
  it('each with a key of its own → all are carried out', async () => {
    const orders = await times(50, () => place(newId()));
    expect(orders.map(outcome)).toEqual(Array(50).fill('executed'));
    const payments = await times(50, (n) =>
      app.client.post(`/orders/${orders[n]?.body.id}/payments`, {
        as: user.token,
        body: { amountCents: 1, method: 'card' },
      }),
    );
    expect(payments.map(outcome)).toEqual(Array(50).fill('executed'));
  });

  it('registrations with keys, and batches → all are carried out', async () => {
    const replies = await times(20, (n) => {
      const name = `${key}-${n}`;
      const body = { name: 'Ann', email: `${name}@example.com`, password: `of ann ${name}` };
      return app.client.post('/users', { body, headers: { [KEY]: name } });
    });
    expect(replies.map(outcome)).toEqual(Array(20).fill('executed'));
    const batches = await times(10, () =>
      app.client.post('/orders/batch', { as: user.token, body: { orders: [ORDER, ORDER, ORDER] } }),
    );
    expect(batches.flatMap(({ body }) => body.data.map(({ status }: { status: number }) => status))).toEqual(
      Array(30).fill(201),
    );
  });
});

describe('a request that is still running', () => {
  it('another with its key → 409 with Retry-After, whatever its body; with another key → is not held up', async () => {
    const before = await counted();
    const { id } = await app.factory.anOrder(user.id);
    await HeldLock.during(app.database.url, `SELECT FROM orders WHERE id = '${id}' FOR UPDATE`, async (lock) => {
      const first = pay(id);
      await lock.waiters(1);
      const second = await pay(id);
      expect([outcome(second), second.headers['retry-after']]).toEqual([IN_PROGRESS, '1']);
      expect(outcome(await pay(id, key, { ...FULL, amountCents: 1 }))).toBe(IN_PROGRESS);
      expect(outcome(await place(newId()))).toBe('executed');
      await lock.commit();
      expect(outcome(await first)).toBe('executed');
    });
    expect(outcome(await pay(id))).toBe('replayed');
    const after = await counted();
    const growth = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]);
    expect(Object.fromEntries(growth)).toMatchObject({ executed: 2, replayed: 1, in_progress: 2 });
  });

  it('its connection is ended → 503, nothing is done, and the key is free', async () => {
    const { id } = await app.factory.anOrder(user.id);
    await HeldLock.during(app.database.url, `SELECT FROM orders WHERE id = '${id}' FOR UPDATE`, async (lock) => {
      const first = pay(id);
      const [waiter] = await lock.waiters(1);
      await lock.query(`SELECT pg_terminate_backend(${waiter?.pid})`);
      expect(outcome(await first)).toBe('503 service.unavailable');
    });
    expect([await count('transactions'), await count('idempotency_keys')]).toEqual([0, 0]);
    expect(outcome(await pay(id))).toBe('executed');
  });

  it('it fails at its very end, when the key is written → nothing is done', async () => {
    await HeldLock.during(app.database.url, 'LOCK TABLE idempotency_keys IN EXCLUSIVE MODE', async (lock) => {
      const first = place();
      const [waiter] = await lock.waiters(1);
      expect(waiter?.query).toContain('INSERT INTO idempotency_keys');
      await lock.query(`SELECT pg_terminate_backend(${waiter?.pid})`);
      expect(outcome(await first)).toBe('503 service.unavailable');
    });
    expect(await count('orders')).toBe(0);
    expect(outcome(await place())).toBe('executed');
  });

  it('it is one of a deadlock → it is run again, and one thing is done', async () => {
    const { id } = await app.factory.anOrder(user.id);
    const other = await app.factory.anOrder(user.id);
    await failOnce('40P01', async () => {
      expect(outcome(await pay(id))).toBe('executed');
      expect(outcome(await pay(other.id))).toBe('executed');
    });
    expect(await count('transactions')).toBe(2);
  });
});

/** The next movement of money that is booked fails with this code of PostgreSQL; the one after it does not. */
async function failOnce(code: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client(app.database.url);
  await client.connect();
  await client.query(`
    CREATE SEQUENCE attempts;
    CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('attempts') = 1 THEN RAISE EXCEPTION 'planted' USING ERRCODE = '${code}'; END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER fail_once BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION fail_once()`);
  try {
    await work();
  } finally {
    await client.query('DROP TRIGGER fail_once ON transactions; DROP FUNCTION fail_once; DROP SEQUENCE attempts');
    await client.end();
  }
}

describe('a key that is old', () => {
  const age = (interval: string) =>
    app.dataSource.query(`UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE key = $1`, [
      key,
      interval,
    ]);

  it('just under 24 hours → is a repetition; over → is carried out, and repeats anew', async () => {
    const first = await place();
    await age('23 hours 59 minutes');
    expect((await place()).body.id).toBe(first.body.id);
    await age('24 hours 1 second');
    const second = await place(key, { ...ORDER, note: 'another body' });
    expect([outcome(second), second.body.id === first.body.id]).toEqual(['executed', false]);
    const third = await place(key, { ...ORDER, note: 'another body' });
    expect([outcome(third), third.body.id]).toEqual(['replayed', second.body.id]);
    expect(await count('idempotency_keys')).toBe(1);
  });

  it(`over, and asked for ${MANY} times at once → is carried out once`, async () => {
    await place();
    await age('25 hours');
    const outcomes = (await times(MANY, () => place())).map(outcome);
    expect(outcomes.filter((one) => one === 'executed')).toHaveLength(1);
    expect(await count('orders')).toBe(2);
  });

  it('swept by two instances at once → all that are over are gone, each once, and no other', async () => {
    await app.dataSource.query('DELETE FROM idempotency_keys');
    await place();
    const fill = `INSERT INTO idempotency_keys (scope, key, fingerprint, created_at)
      SELECT 'sweep', n, 'x', now() - interval '24 hours' - n * interval '1 second' FROM generate_series(1, 1234) AS n`;
    await app.dataSource.query(fill);
    const sweeper = app.app.get(IdempotencySweeper, { strict: false });
    const removed = await times(2, () => sweeper.sweep());
    expect(removed.reduce((sum, rows) => sum + rows, 0)).toBe(1_234);
    expect(await app.dataSource.query('SELECT key FROM idempotency_keys')).toEqual([{ key }]);
    expect(outcome(await place())).toBe('replayed');
  });

  it('held by a request that renews it → is left by the sweep, which does not wait', async () => {
    await app.dataSource.query('DELETE FROM idempotency_keys');
    await place();
    await age('25 hours');
    const hold = `SELECT FROM idempotency_keys WHERE key = '${key}' FOR UPDATE`;
    const sweeper = app.app.get(IdempotencySweeper, { strict: false });
    await HeldLock.during(app.database.url, hold, async () => expect(await sweeper.sweep()).toBe(0));
    expect(await sweeper.sweep()).toBe(1);
  });
});
