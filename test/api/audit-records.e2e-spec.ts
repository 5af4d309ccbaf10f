import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { countRecords, recordedBy } from '../support/audit.js';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { aRow, jobEnded } from '../support/imports.js';
import { anItem } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';
import { decoded, passwordGrant, refresh, signIn } from '../support/tokens.js';

const ANY = { headers: { 'If-Match': '*' } };

let app: TestApp;
let admin: SignedIn;
let ann: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline', LOGIN_MAX_FAILURES: '2' });
  admin = await app.factory.admin();
  ann = await app.factory.signedIn();
});
afterAll(() => app.stop());

const recorded = (reply: Reply): Promise<object[]> => recordedBy(app.dataSource, reply);

interface Written {
  readonly reply: Reply;
  readonly records: object[];
}

const order = (actorId: string, action: string, { id }: { id: string }, changes: object) => ({
  actorId,
  action,
  subjectType: 'order',
  subjectId: id,
  changes,
});
const user = (actorId: string | null, action: string, subjectId: string, changes: object = {}) => ({
  actorId,
  action,
  subjectType: 'user',
  subjectId,
  changes,
});
const session = (actorId: string | null, action: string, of: { id: string; sessionId: string }) => ({
  actorId,
  action,
  subjectType: 'session',
  subjectId: of.sessionId,
  changes: { userId: of.id },
});
const movement = (transactionId: string, amountCents: number, members: object) => ({
  transactionId,
  amountCents,
  currency: 'USD',
  ...members,
});

/** Every write of money, role, credential and session: what was answered, and what must stand in the log for it. */
const WRITES: Readonly<Record<string, () => Promise<Written>>> = {
  'POST /orders': async () => {
    const reply = await app.client.post('/orders', {
      as: ann.token,
      body: { currency: 'USD', items: [anItem()], note: 'Ring.' },
    });
    const changes = { userId: ann.id, currency: 'USD', totalCents: 1_580 };
    return { reply, records: [order(ann.id, 'order.placed', reply.body, changes)] };
  },
  'POST /orders/batch': async () => {
    const entry = { currency: 'EUR', items: [anItem()] };
    const reply = await app.client.post('/orders/batch', {
      as: ann.token,
      body: { orders: [entry, { ...entry, currency: 'XXX!' }, entry] },
    });
    const changes = { userId: ann.id, currency: 'EUR', totalCents: 1_580 };
    const placed = [0, 2].map((index) => order(ann.id, 'order.placed', reply.body.data[index].order, changes));
    return { reply, records: placed };
  },
  'PATCH /orders/{id}, items': async () => {
    const { id } = await app.factory.anOrder(ann.id);
    const reply = await app.client.patch(`/orders/${id}`, { as: ann.token, body: { items: [anItem()] }, ...ANY });
    const changes = { currency: 'USD', totalCents: { from: 3_000, to: 1_580 } };
    return { reply, records: [order(ann.id, 'order.items_changed', { id }, changes)] };
  },
  'POST /orders/{id}/payments': async () => {
    const { id } = await app.factory.anOrder(ann.id);
    const body = { amountCents: 3_000, method: 'card' };
    const reply = await app.client.post(`/orders/${id}/payments`, { as: ann.token, body });
    const changes = movement(reply.body.id, 3_000, { method: 'card', status: 'paid' });
    return { reply, records: [order(ann.id, 'order.payment', { id }, changes)] };
  },
  'POST /orders/{id}/refunds': async () => {
    const { id } = await app.factory.anOrder(ann.id, { status: 'paid' });
    const body = { amountCents: 100, reason: 'Ann was not at home.' };
    const reply = await app.client.post(`/orders/${id}/refunds`, { as: admin.token, body });
    const changes = movement(reply.body.id, 100, { method: null, status: 'paid' });
    return { reply, records: [order(admin.id, 'order.refund', { id }, changes)] };
  },
  'POST /orders/{id}/cancellation, paid': async () => {
    const { id } = await app.factory.anOrder(ann.id, { status: 'paid' });
    const reply = await app.client.post(`/orders/${id}/cancellation`, { as: admin.token });
    const { body } = await app.client.get(`/orders/${id}/transactions`, { as: admin.token });
    const [{ id: refunded }] = body.data;
    const changes = movement(refunded, 3_000, { method: null, status: 'cancelled' });
    const cancelled = { status: { from: 'paid', to: 'cancelled' }, refundedCents: 3_000 };
    return {
      reply,
      records: [
        order(admin.id, 'order.cancelled', { id }, cancelled),
        order(admin.id, 'order.refund', { id }, changes),
      ],
    };
  },
  'POST /process, orders.import': async () => {
    const orders = [aRow('audit-1', ann.email), aRow('audit-2', ann.email), aRow('audit-3', 'nobody@example.com')];
    const reply = await app.client.post('/process', {
      as: admin.token,
      body: { type: 'orders.import', data: { orders } },
    });
    await jobEnded(app.client, reply, admin.token);
    const made = await app.dataSource.query<{ id: string }[]>(
      `SELECT order_id AS id FROM order_imports WHERE external_id LIKE 'audit-%' ORDER BY external_id`,
    );
    const changes = { userId: ann.id, currency: 'USD', totalCents: 3_000 };
    return { reply, records: made.map((one) => order(admin.id, 'order.placed', one, changes)) };
  },
  'POST /users': async () => {
    const body = { name: 'Zoe Zoesdottir', email: `${randomUUID()}@example.com`, password: PASSWORD };
    const reply = await app.client.post('/users', { body });
    return { reply, records: [user(null, 'user.created', reply.body.id, { roles: ['customer'] })] };
  },
  'PATCH /users/{id}, roles': async () => {
    const of = await app.factory.signedIn();
    const body = { roles: ['analyst'] };
    const reply = await app.client.patch(`/users/${of.id}`, { as: admin.token, body, ...ANY });
    const changes = { roles: { from: ['customer'], to: ['customer', 'analyst'] } };
    return {
      reply,
      records: [user(admin.id, 'user.roles_changed', of.id, changes), session(admin.id, 'session.revoked', of)],
    };
  },
  'PATCH /users/{id}, disabled and email': async () => {
    const of = await app.factory.signedIn();
    const body = { disabled: true, email: `${randomUUID()}@example.com` };
    const reply = await app.client.patch(`/users/${of.id}`, { as: admin.token, body, ...ANY });
    return {
      reply,
      records: [
        user(admin.id, 'user.disabled', of.id),
        user(admin.id, 'credential.email_changed', of.id),
        session(admin.id, 'session.revoked', of),
      ],
    };
  },
  'DELETE /users/{id}': async () => {
    const of = await app.factory.signedIn();
    const reply = await app.client.delete(`/users/${of.id}`, { as: of.token, ...ANY });
    return { reply, records: [user(of.id, 'user.deleted', of.id), session(of.id, 'session.revoked', of)] };
  },
  'POST /users/{id}/restoration': async () => {
    const { id } = await app.factory.aUser({ deletedAt: new Date() });
    const reply = await app.client.post(`/users/${id}/restoration`, { as: admin.token });
    return { reply, records: [user(admin.id, 'user.restored', id)] };
  },
  'POST /process, users.erasure': async () => {
    const of = await app.factory.signedIn();
    const body = { type: 'users.erasure', data: { userId: of.id } };
    const reply = await app.client.post('/process', { as: admin.token, body });
    await jobEnded(app.client, reply, admin.token);
    return { reply, records: [session(admin.id, 'session.revoked', of), user(admin.id, 'user.erased', of.id)] };
  },
  'POST /auth/token, password': async () => {
    const { id, email } = await app.factory.aUser();
    const reply = await app.client.post('/auth/token', { body: passwordGrant(email) });
    const sessionId = String(decoded(reply.body.access_token).claims['sid']);
    return { reply, records: [session(id, 'session.created', { id, sessionId })] };
  },
  'POST /auth/token, refresh': async () => {
    const { id, email } = await app.factory.aUser();
    const reply = await refresh(app, (await signIn(app, email)).refresh);
    const sessionId = String(decoded(reply.body.access_token).claims['sid']);
    return { reply, records: [session(id, 'session.refreshed', { id, sessionId })] };
  },
  'POST /auth/token, a token that was spent long ago': async () => {
    const { id, email } = await app.factory.aUser();
    const pair = await signIn(app, email);
    const sessionId = String(decoded(pair.access).claims['sid']);
    await refresh(app, pair.refresh);
    await app.dataSource.query(
      `UPDATE refresh_tokens SET spent_at = now() - interval '1 minute' WHERE session_id = $1`,
      [sessionId],
    );
    const reply = await refresh(app, pair.refresh);
    return { reply, records: [session(null, 'session.family_revoked', { id, sessionId })] };
  },
  'POST /auth/token, too many wrong passwords': async () => {
    const { id, email } = await app.factory.aUser();
    const guess = () => app.client.post('/auth/token', { body: passwordGrant(email, 'not the password') });
    const [first, reply, locked] = [await guess(), await guess(), await guess()];
    expect([locked.status, await recorded(first), await recorded(locked)]).toEqual([429, [], []]);
    return { reply, records: [user(null, 'auth.locked', id)] };
  },
  'POST /auth/revoke': async () => {
    const { id, email } = await app.factory.aUser();
    const { access, refresh: token } = await signIn(app, email);
    const reply = await app.client.post('/auth/revoke', { body: { token } });
    const sessionId = String(decoded(access).claims['sid']);
    return { reply, records: [session(id, 'session.revoked', { id, sessionId })] };
  },
  'DELETE /auth/sessions/{id}': async () => {
    const of = await app.factory.signedIn();
    const reply = await app.client.delete(`/auth/sessions/${of.sessionId}`, { as: of.token });
    return { reply, records: [session(of.id, 'session.revoked', of)] };
  },
  'DELETE /users/{id}/sessions': async () => {
    const of = await app.factory.signedIn();
    const reply = await app.client.delete(`/users/${of.id}/sessions`, { as: admin.token });
    return { reply, records: [session(admin.id, 'session.revoked', of)] };
  },
  'PUT /auth/password': async () => {
    const account = await app.factory.aUser();
    const [own, other] = [await app.factory.session(account), await app.factory.session(account)];
    const body = { currentPassword: PASSWORD, newPassword: 'another password for tests' };
    const reply = await app.client.put('/auth/password', { as: own.token, body });
    return {
      reply,
      records: [user(own.id, 'credential.password_changed', own.id), session(own.id, 'session.revoked', other)],
    };
  },
};

describe('a write → what it was, by whom, to what, from which request', () => {
  it.each(Object.entries(WRITES))('%s', async (_route, write) => {
    const before = await countRecords(app.dataSource);
    const { reply, records } = await write();
    expect(await recorded(reply)).toEqual(records);
    expect(await countRecords(app.dataSource)).toBeGreaterThanOrEqual(before + records.length);
  });

  it('all of them → every action of the vocabulary but one was recorded, and no name, address, note or password', async () => {
    const [row] = await app.dataSource.query<{ actions: string[]; text: string }[]>(
      `SELECT array_agg(DISTINCT action ORDER BY action) AS actions, string_agg(l::text, E'\\n') AS text FROM audit_log l`,
    );
    expect(row?.actions).toHaveLength(18); // nobody was enabled again
    expect(row?.text).not.toMatch(/example\.com|Zoe|Ring|home|password for tests|argon2/);
  });
});
