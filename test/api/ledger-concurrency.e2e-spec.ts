import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const MANY = 50;

let app: TestApp;
let owner: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
});
afterAll(async () => {
  expect(await ledgerFaults(app.dataSource)).toEqual([]);
  await app.stop();
});

const read = async (id: string) => (await app.client.get(`/orders/${id}`, { as: owner.token })).body;
const pay = (id: string, amountCents: number) =>
  app.client.post(`/orders/${id}/payments`, { as: owner.token, body: { amountCents, method: 'card' } });
const refund = (id: string, amountCents: number) =>
  app.client.post(`/orders/${id}/refunds`, { as: admin.token, body: { amountCents, reason: 'Broken.' } });
const step = (id: string, name: string, as = admin) => app.client.post(`/orders/${id}/${name}`, { as: as.token });
const times = <T>(count: number, ask: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => ask(n)));

/** How often each outcome came. */
function tally(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    const outcome = [status, body.code].filter((part) => part !== undefined).join(' ');
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

async function booked(id: string): Promise<{ kind: string; amount: number }[]> {
  return app.dataSource.query(
    'SELECT kind, amount_cents AS amount FROM transactions WHERE order_id = $1 ORDER BY created_at, id',
    [id],
  );
}

describe(`${MANY} payments at once`, () => {
  it('each of the full amount → one is taken, the others get 409, and one row is booked', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const replies = await times(MANY, () => pay(id, 3_000));
    expect(tally(replies)).toEqual({ '201': 1, '409 order.transition_not_allowed': MANY - 1 });
    expect(await booked(id)).toEqual([{ kind: 'payment', amount: 3_000 }]);
    expect(await read(id)).toMatchObject({ status: 'paid', paidCents: 3_000, version: 2 });
  });

  it('parts that together are more than the total → exactly as many are taken as fit', async () => {
    const { id } = await app.factory.anOrder(owner.id); // 3000: 42 times 70, and 60 are left
    const replies = await times(MANY, () => pay(id, 70));
    expect(tally(replies)).toEqual({ '201': 42, '422 payment.exceeds_due': 8 });
    expect(await booked(id)).toEqual(Array.from({ length: 42 }, () => ({ kind: 'payment', amount: 70 })));
    expect(await read(id)).toMatchObject({ status: 'pending', paidCents: 2_940, version: 43 });
  });

  it('parts that fill the total before all have come → it is paid once, the rest get 409', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const replies = await times(MANY, () => pay(id, 100));
    expect(tally(replies)).toEqual({ '201': 30, '409 order.transition_not_allowed': 20 });
    expect(await read(id)).toMatchObject({ status: 'paid', paidCents: 3_000 });
  });

  it('of 5 orders, in turn → each is paid once: no order waits for another for ever', async () => {
    const orders = await times(5, () => app.factory.anOrder(owner.id));
    const replies = await times(MANY, (n) => pay(orders[n % 5]?.id ?? '', 3_000));
    expect(tally(replies)).toEqual({ '201': 5, '409 order.transition_not_allowed': 45 });
  });

  it('the order of the books → that of the versions, and no time runs backwards', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    await times(MANY, () => pay(id, 60));
    const rows: { at: Date }[] = await app.dataSource.query(
      `SELECT created_at AS at FROM transactions WHERE order_id = $1 ORDER BY split_part(reference, '/', 2)::int`,
      [id],
    );
    const instants = rows.map(({ at }) => at.getTime());
    expect(instants).toHaveLength(MANY);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  });
});

describe(`${MANY} refunds at once`, () => {
  it('each of the full amount → one is taken, the others get 409', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'delivered' });
    const replies = await times(MANY, () => refund(id, 3_000));
    expect(tally(replies)).toEqual({ '201': 1, '409 order.transition_not_allowed': MANY - 1 });
    expect(await read(id)).toMatchObject({ status: 'refunded', refundedCents: 3_000 });
  });

  it('parts that together are more than was paid → never more than was paid', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
    const replies = await times(MANY, () => refund(id, 70));
    expect(tally(replies)).toEqual({ '201': 42, '422 refund.exceeds_paid': 8 });
    expect(await read(id)).toMatchObject({ status: 'paid', refundedCents: 2_940 });
  });
});

describe('different changes at once', () => {
  it('payments and a cancellation → either what was paid is back, or the order was paid first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await app.factory.anOrder(owner.id);
      const [cancelled, ...payments] = await Promise.all([
        step(id, 'cancellation', owner),
        ...Array.from({ length: 6 }, () => pay(id, 600)),
      ]);
      const taken = payments.filter(({ status }) => status === 201).length;
      const order = await read(id);
      const isCancelled = cancelled.status === 200;
      expect([order.status, order.paidCents, order.refundedCents]).toEqual(
        isCancelled ? ['cancelled', taken * 600, taken * 600] : ['paid', 3_000, 0],
      );
    }
  });

  it('shipment and cancellation of a paid order → exactly one of them', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
      const [shipped, cancelled] = await Promise.all([step(id, 'shipment'), step(id, 'cancellation')]);
      expect([shipped.status, cancelled.status].toSorted()).toEqual([200, 409]);
      expect((await read(id)).status).toBe(shipped.status === 200 ? 'shipped' : 'cancelled');
    }
  });

  it('refunds and a cancellation of a paid order → what was paid goes back once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
      await Promise.all([step(id, 'cancellation'), refund(id, 1_000), refund(id, 2_000)]);
      const rows = (await booked(id)).filter(({ kind }) => kind === 'refund');
      expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(3_000);
      expect(['cancelled', 'refunded']).toContain((await read(id)).status);
    }
  });
});

describe('a commit that the database refuses as a conflict', () => {
  /** @param count how many commits fail; a sequence counts them, since it survives the rollback. */
  async function failCommits(count: number): Promise<void> {
    await app.dataSource.query(`
      CREATE SEQUENCE IF NOT EXISTS commits;
      SELECT setval('commits', 1, false);
      CREATE OR REPLACE FUNCTION fail_commits() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('commits') <= ${count} THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END IF;
        RETURN NULL;
      END $$;
      DROP TRIGGER IF EXISTS fail_commits ON transactions;
      CREATE CONSTRAINT TRIGGER fail_commits AFTER INSERT ON transactions DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION fail_commits()`);
  }
  const told = (id: string) =>
    app.log.lines().filter((line) => line['message'] === 'money moved' && line['order'] === id).length;

  it('twice → the third attempt books once, and the log says so once', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    await failCommits(2);
    expect(tally([await pay(id, 3_000)])).toEqual({ '201': 1 });
    expect(await booked(id)).toEqual([{ kind: 'payment', amount: 3_000 }]);
    expect(told(id)).toBe(1);
  });

  it('every time → 409, nothing is booked, and the log claims nothing', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    await failCommits(1_000);
    expect(tally([await pay(id, 3_000)])).toEqual({ '409 conflict.concurrent_update': 1 });
    await app.dataSource.query('DROP TRIGGER fail_commits ON transactions');
    expect([await booked(id), (await read(id)).status, told(id)]).toEqual([[], 'pending', 0]);
  });
});
