import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobSweeper } from '@app/jobs';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { aFailedImport, aRow, done, linesNaming, linesOfNamesakes } from '../support/imports.js';
import { anItem } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';
import { signIn } from '../support/tokens.js';

const NOBODY = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline' });
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const ask = (userId: string, as?: string) =>
  app.client.post('/process', { as, body: { type: 'users.export', data: { userId } } });

async function exported(userId: string, as: string) {
  const job = await done(app.client, 'users.export', { as, data: { userId } });
  expect([job.status, job.problem]).toEqual(['succeeded', null]);
  return job.result;
}

describe('users.export', () => {
  it('oneself → everything that is held, and no secret', async () => {
    const registration = { name: 'Ada Lovelace', email: 'ada-export@example.com', password: PASSWORD, age: 36 };
    const { body: user } = await app.client.post('/users', {
      body: registration,
      headers: { 'Idempotency-Key': randomUUID() },
    });
    const { access: as, refresh } = await signIn(app, registration.email);
    const order = { currency: 'USD', items: [anItem()], note: 'Ring twice.' };
    const { body: placed } = await app.client.post('/orders', { as, body: order });
    const payment = { amountCents: 100, method: 'card' };
    const { body: paid } = await app.client.post(`/orders/${placed.id}/payments`, { as, body: payment });
    const { body: now } = await app.client.get(`/orders/${placed.id}`, { as });
    const { body: sessions } = await app.client.get('/auth/sessions', { as });
    const data = { orders: [aRow('export-1', user.email)] };
    await done(app.client, 'orders.import', { as: admin.token, data });

    const result = await exported(user.id, as);
    const { current, ...session } = sessions.data[0];
    expect(current).toBe(true);
    expect(result).toMatchObject({
      exportedAt: expect.any(String),
      user,
      sessions: [{ ...session, revokedAt: null }],
      imports: data.orders,
      // of the registration, the order and the payment
      idempotencyKeys: Array(3).fill({ status: 201, key: expect.any(String), createdAt: expect.any(String) }),
    });
    expect(result.jobs.map(({ type }: { type: string }) => type)).toEqual(['users.export']);
    expect(result.orders).toEqual([
      expect.objectContaining({ userId: user.id, externalId: 'export-1', totalCents: 3_000, transactions: [] }),
      { ...now, externalId: null, transactions: [paid] },
    ]);
    const text = JSON.stringify(result);
    for (const secret of [PASSWORD, refresh, as, 'argon2', 'passwordHash']) expect(text).not.toContain(secret);
  });

  it('more orders than are read at once → each of them once, newest first', async () => {
    const user = await app.factory.signedIn();
    await app.dataSource.query(
      `INSERT INTO orders (id, user_id, status, currency, total_cents, placed_at, version)
       SELECT gen_random_uuid(), $1, 'pending', 'USD', n, '2026-01-01'::timestamptz + n / 3 * interval '1 s', 1
       FROM generate_series(1, 1203) AS n`,
      [user.id],
    );
    const { orders }: { orders: { totalCents: number; placedAt: string }[] } = await exported(user.id, user.token);
    expect(orders.map(({ totalCents }) => totalCents).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1_203 }, (_, index) => index + 1),
    );
    const times = orders.map(({ placedAt }) => placedAt);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('what another person has → stays out', async () => {
    const [user, other] = [await app.factory.signedIn(), await app.factory.aUser({ name: 'Somebody Else' })];
    await app.factory.anOrder(other.id, { note: 'a note of the other' });
    await app.factory.session(other);
    const text = JSON.stringify(await exported(user.id, user.token));
    expect([text.includes(other.id), text.includes('note of the other'), text.includes('Else')]).toEqual(
      Array(3).fill(false),
    );
  });

  it('lines of a failed import → those that name him, however they do; of people with similar addresses none', async () => {
    const user = await app.factory.signedIn();
    const his = linesNaming(user.email);
    await aFailedImport(app.dataSource, [...linesOfNamesakes(user.email), ...his]);
    const { imports } = await exported(user.id, user.token);
    expect(imports).toEqual([aRow('names-1', user.email.toUpperCase()), aRow('names-2', user.email), his[2]]);
  });

  it('an admin who is none any more → 404 for what he has exported of others, his own stays', async () => {
    const [user, other] = [await app.factory.aUser({ roles: ['customer', 'admin'] }), await app.factory.aUser()];
    const before = await app.factory.session(user);
    const theirs = await done(app.client, 'users.export', { as: before.token, data: { userId: other.id } });
    const own = await done(app.client, 'users.export', { as: before.token, data: { userId: user.id } });
    const imported = await done(app.client, 'orders.import', {
      as: before.token,
      data: { orders: [aRow('demoted-1', user.email)] },
    });
    const { token: as } = await app.factory.session(Object.assign(user, { roles: ['customer'] }));
    const replies = [
      await app.client.get(`/jobs/${theirs.id}`, { as }),
      await app.client.get(`/jobs/${theirs.id}/events`, { as, headers: { Accept: 'text/event-stream' } }),
      await app.client.delete(`/jobs/${theirs.id}`, { as }),
    ];
    expect(replies.map(({ status, body }) => [status, body?.code])).toEqual(Array(3).fill([404, 'job.not_found']));
    const list = await app.client.get('/jobs', { as, headers: { Prefer: 'return=total-count' } });
    expect(list.body.data.map(({ id }: { id: string }) => id)).toEqual([imported.id, own.id]);
    expect(list.body.page.total).toBe(2);
    expect((await app.client.get(`/jobs/${own.id}`, { as })).body.result.user.id).toBe(user.id);
    expect((await app.client.get(`/jobs/${theirs.id}`, { as: admin.token })).body.result.user.id).toBe(other.id);
  });

  it('an admin, of somebody and of one who is deleted, in another spelling of the id → everything, too', async () => {
    const [user, gone] = [await app.factory.aUser(), await app.factory.aUser({ deletedAt: new Date() })];
    const himself = await app.factory.session(user);
    expect((await exported(user.id.toUpperCase(), admin.token)).user.email).toBe(user.email);
    expect((await exported(user.id.toUpperCase(), himself.token)).user.email).toBe(user.email);
    expect((await exported(gone.id, admin.token)).user.email).toBe(gone.email);
  });

  it('a day after its end → the job is gone, with all that was in it', async () => {
    const { id, token } = await app.factory.signedIn();
    const job = await done(app.client, 'users.export', { as: token, data: { userId: id } });
    const sweeper = app.app.get(JobSweeper, { strict: false });
    const endsAgo = async (interval: string): Promise<number> => {
      const age = `UPDATE jobs SET created_at = now() - $2::interval, finished_at = now() - $2::interval WHERE id = $1`;
      await app.dataSource.query(age, [job.id, interval]);
      await sweeper.sweep();
      return (await app.client.get(`/jobs/${job.id}`, { as: token })).status;
    };
    expect([await endsAgo('23 hours 59 minutes'), await endsAgo('24 hours')]).toEqual([200, 404]);
  });

  it.each(['customer', 'analyst'] as const)('a %s, of somebody else or of nobody → 403', async (role) => {
    const other = await app.factory.aUser();
    const { token } = await app.factory.signedIn({ roles: role === 'customer' ? ['customer'] : ['customer', role] });
    const replies = [await ask(other.id, token), await ask(NOBODY, token)];
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([403, 'auth.forbidden']));
  });

  it('an admin, of nobody → 404; no id → 422; nobody asks → 401', async () => {
    const replies = [await ask(NOBODY, admin.token), await ask('me', admin.token), await ask(NOBODY)];
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'user.not_found'],
      [422, 'request.invalid'],
      [401, 'auth.token_missing'],
    ]);
  });
});
