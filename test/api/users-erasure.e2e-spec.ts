import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { Jobs } from '@app/jobs';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import {
  aFailedImport,
  aRow,
  done,
  IMPORTED,
  jobEnded,
  linesNaming,
  linesOfNamesakes,
  ndjson,
  sendLines,
} from '../support/imports.js';
import { anItem, ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';
import { refresh, signIn } from '../support/tokens.js';
import { until } from '../support/waiting.js';

const NOBODY = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';
/** Stands in every text of the person. */
const MARK = 'lovelace';

const ADMINS = `
  SELECT count(*) AS admins FROM users WHERE 'admin' = ANY (roles) AND NOT disabled AND deleted_at IS NULL`;

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline' });
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const ask = (userId: string, as?: string) =>
  app.client.post('/process', { as, body: { type: 'users.erasure', data: { userId } } });
const erase = (userId: string) => done(app.client, 'users.erasure', { as: admin.token, data: { userId } });
const read = async (path: string, as = admin.token) => (await app.client.get(path, { as })).body;

/** Somebody with everything that a person can leave behind, each with his name in it. */
async function aPerson() {
  const email = `ada.${MARK}.${newId()}@example.com`;
  const registered = await app.client.post('/users', {
    body: { name: `Ada ${MARK}`, email, password: PASSWORD, age: 36 },
    headers: { 'Idempotency-Key': randomUUID() },
  });
  const { id }: { id: string } = registered.body;
  const pair = await signIn(app, email);
  const { access: as } = pair;
  await app.dataSource.query('UPDATE sessions SET user_agent = $2, ip = $2 WHERE user_id = $1', [id, MARK]);
  const order = { currency: 'USD', items: [anItem()], note: `From ${MARK}.` };
  const key = { 'Idempotency-Key': randomUUID() };
  const { body: placed } = await app.client.post('/orders', { as, body: order, headers: key });
  await app.client.post(`/orders/${placed.id}/payments`, { as, body: { amountCents: 1_580, method: 'card' } });
  const refund = { amountCents: 80, reason: `${MARK} was right.` };
  await app.client.post(`/orders/${placed.id}/refunds`, { as: admin.token, body: refund, headers: key });
  const row = aRow(`erasure-${id}`, email, { note: MARK });
  await done(app.client, 'orders.import', { as: admin.token, data: { orders: [row, aRow(`x-${id}`, admin.email)] } });
  await done(app.client, 'users.export', { as, data: { userId: id } });
  return { id, email, ...pair, orderId: String(placed.id), refundKey: key, refund, row };
}

/** Tables in which the mark stands, of all that the application has; the queue keeps nothing but ids. */
async function traces(): Promise<string[]> {
  const tables: { name: string }[] = await app.dataSource.query(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await app.dataSource.query<{ count: number }[]>(
      `SELECT count(*) FROM ${name} AS t WHERE t::text ILIKE '%${MARK}%'`,
    );
    if (row && row.count > 0) found.push(name);
  }
  return found;
}

describe('users.erasure', () => {
  it('somebody with a history → no trace in any table, and the ledger as it was', async () => {
    const person = await aPerson();
    const before = await read(`/orders/${person.orderId}`);
    const movements = await read(`/orders/${person.orderId}/transactions`);
    expect(await traces()).toEqual(
      expect.arrayContaining(['idempotency_keys', 'jobs', 'orders', 'transactions', 'users']),
    );

    expect(await erase(person.id)).toMatchObject({ status: 'succeeded', result: { userId: person.id }, problem: null });

    expect(await traces()).toEqual([]);
    expect(await read(`/orders/${person.orderId}`)).toEqual({
      ...before,
      note: null,
      version: before.version + 1,
      updatedAt: expect.any(String),
    });
    const withoutReason = movements.data.map((movement: object) => ({ ...movement, reason: null }));
    expect((await read(`/orders/${person.orderId}/transactions`)).data).toEqual(withoutReason);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('afterwards → a user without a name, an age or a role, whom nobody can be', async () => {
    const analyst = await app.factory.signedIn({ age: 40, roles: ['customer', 'analyst'] });
    await erase(analyst.id);
    expect(await read(`/users/${analyst.id}`)).toMatchObject({
      name: 'Erased user',
      email: `erased-${analyst.id}@erased.invalid`,
      age: null,
      roles: ['customer'],
      disabled: true,
      deletedAt: expect.any(String),
    });
    await expect(signIn(app, analyst.email)).rejects.toThrow('400');
    const restored = await app.client.post(`/users/${analyst.id}/restoration`, { as: admin.token });
    expect([restored.status, restored.body.code]).toEqual([409, 'user.erased']);
    const again = { name: 'Another', email: analyst.email, password: 'correct horse battery' };
    expect((await app.client.post('/users', { body: again })).status).toBe(201);
  });

  it('his tokens → are refused at once, and so is what was kept in caches', async () => {
    const person = await aPerson();
    await Promise.all([read(`/users/${person.id}`), read(`/orders/${person.orderId}`), read('/users')]);
    await erase(person.id);
    expect((await app.client.get('/users/me', { as: person.access })).status).toBe(401);
    expect((await refresh(app, person.refresh)).status).toBe(400);
    const shown = await Promise.all([read(`/users/${person.id}`), read(`/orders/${person.orderId}`), read('/users')]);
    expect(JSON.stringify(shown)).not.toContain(MARK);
  });

  it('a refund of his order that is repeated → the first answer without its reason, and no second refund', async () => {
    const { id, orderId, refund, refundKey: headers } = await aPerson();
    await erase(id);
    const reply = await app.client.post(`/orders/${orderId}/refunds`, { as: admin.token, body: refund, headers });
    expect([reply.status, reply.headers['idempotent-replayed'], reply.body.reason]).toEqual([201, 'true', null]);
    expect((await read(`/orders/${orderId}`)).refundedCents).toBe(80);
  });

  it('his rows in an import → are skipped when it is repeated, and nobody who gets his address gets them', async () => {
    const { id, email, row } = await aPerson();
    await erase(id);
    await app.factory.aUser({ email });
    const reply = await sendLines(app.client, { as: admin.token, rows: [row] });
    expect((await jobEnded(app.client, reply, admin.token)).body.result).toMatchObject({ imported: 0, skipped: 1 });
    const [order] = await app.dataSource.query(IMPORTED, [`erasure-${id}`]);
    expect(order.email).toBe(`erased-${id}@erased.invalid`);
    const [kept] = await app.dataSource.query('SELECT fingerprint FROM order_imports WHERE external_id = $1', [
      `erasure-${id}`,
    ]);
    expect(kept.fingerprint).toBeNull(); // it could be guessed, and would then tell the address
  });

  it('his rows in an import that has failed → are gone, however they name him; the others stay at their lines', async () => {
    const { email, id } = await app.factory.aUser();
    const others = [...linesOfNamesakes(email), JSON.stringify(aRow('kept', admin.email))];
    const his = linesNaming(email);
    const jobId = await aFailedImport(app.dataSource, [...his, ...others]);
    await erase(id);
    const [kept] = await app.dataSource.query('SELECT lines FROM job_lines WHERE job_id = $1', [jobId]);
    expect(kept.lines.toString()).toBe(ndjson([...his.map(() => ''), ...others]));
  });

  it('an export that is asked for meanwhile → has what is left of him', async () => {
    const { id } = await app.factory.aUser({ name: `Ada ${MARK}` });
    const started = await HeldLock.during(app.database.url, 'LOCK TABLE orders IN EXCLUSIVE MODE', async (lock) => {
      const erasure = await ask(id, admin.token);
      await lock.waiters(1); // the exports that there are by now are forgotten
      const body = { type: 'users.export', data: { userId: id } };
      const asked = await app.client.post('/process', { as: admin.token, body });
      await lock.waiters(2);
      return [erasure, asked];
    });
    const ended = await Promise.all(started.map((reply) => jobEnded(app.client, reply, admin.token)));
    expect(ended.map(({ body }) => body.status)).toEqual(['succeeded', 'succeeded']);
    expect(ended[1]?.body.result.user.name).toBe('Erased user');
  });

  it('a second time, and of one who was deleted before → the same again', async () => {
    const user = await app.factory.aUser({ deletedAt: new Date('2026-01-01T00:00:00Z') });
    const jobs = [await erase(user.id), await erase(user.id)];
    expect(jobs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(await read(`/users/${user.id}`)).toMatchObject({
      name: 'Erased user',
      deletedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('what others have → stays as it is', async () => {
    const [user, other] = [await app.factory.aUser(), await app.factory.signedIn({ age: 50 })];
    const order = await app.factory.anOrder(other.id, { note: 'a note', status: 'refunded' });
    const look = async () => [
      await read(`/users/${other.id}`),
      await read(`/orders/${order.id}`),
      await read(`/orders/${order.id}/transactions`),
      (await app.client.get('/auth/sessions', { as: other.token })).body,
    ];
    const before = await look();
    await erase(user.id);
    expect(await look()).toEqual(before);
  });

  it('what fails in the middle → has changed nothing', async () => {
    const user = await app.factory.aUser({ name: 'Still Here' });
    const order = await app.factory.anOrder(user.id, { note: 'still here' });
    await app.dataSource.query(
      'ALTER TABLE users ADD CONSTRAINT users_test_check CHECK (name <> $$Erased user$$) NOT VALID',
    );
    try {
      const started = await ask(user.id, admin.token);
      const { attempt } = await failedOnce(started.body.id);
      expect(attempt).toBe(1);
      expect((await read(`/users/${user.id}`)).name).toBe('Still Here');
      expect((await read(`/orders/${order.id}`)).note).toBe('still here');
      await app.client.delete(`/jobs/${started.body.id}`, { as: admin.token });
    } finally {
      await app.dataSource.query('ALTER TABLE users DROP CONSTRAINT users_test_check');
    }
  });
});

/** The job, once its first attempt has failed. */
async function failedOnce(id: string): Promise<{ attempt: number }> {
  const found = (): Promise<{ attempt: number }[]> =>
    app.dataSource.query('SELECT attempt FROM jobs WHERE id = $1 AND failures > 0', [id]);
  await until(async () => (await found()).length > 0);
  const [job] = await found();
  return job ?? { attempt: 0 };
}

describe('who may erase whom', () => {
  it('oneself, as an admin → 409; nobody → 404; no id → 422', async () => {
    const replies = [await ask(admin.id, admin.token), await ask(NOBODY, admin.token), await ask('x', admin.token)];
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'user.not_erasable'],
      [404, 'user.not_found'],
      [422, 'request.invalid'],
    ]);
  });

  it('customers and analysts, oneself too → 403; nobody → 401', async () => {
    const [customer, analyst] = [await app.factory.signedIn(), await app.factory.analyst()];
    const replies = [
      await ask(customer.id, customer.token),
      await ask(customer.id, analyst.token),
      await ask(NOBODY, customer.token),
      await ask(customer.id),
    ];
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403, 401]);
  });

  it('two admins each other, when there are no others → one of them stays', async () => {
    const bob = await app.factory.admin();
    const jobs = app.app.get(Jobs);
    const ids: string[] = [];
    for (const [by, of] of [
      [admin, bob],
      [bob, admin],
    ] as const) {
      const origin = { createdBy: by.id, requestId: 'test' };
      ids.push((await jobs.enqueue('users.erasure', { userId: of.id }, origin)).id);
    }
    const ends = (): Promise<{ status: string; code: string | null }[]> =>
      app.dataSource.query(
        `SELECT status, problem->>'code' AS code FROM jobs WHERE id = ANY ($1) AND finished_at IS NOT NULL ORDER BY 1`,
        [ids],
      );
    await until(async () => (await ends()).length === 2);
    expect(await ends()).toEqual([
      { status: 'failed', code: 'user.not_erasable' },
      { status: 'succeeded', code: null },
    ]);
    expect(await app.dataSource.query(ADMINS)).toEqual([{ admins: 1 }]);
  });
});
