import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Transaction } from '@app/database';
import type { Reply } from '../support/api-client.js';
import { AuditLog } from '../../apps/api/src/audit/index.js';
import { countRecords, recordedBy } from '../support/audit.js';
import type { SignedIn } from '../support/factory.js';
import { done, jobEnded } from '../support/imports.js';
import { anItem } from '../support/orders.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';
import { passwordGrant, refreshGrant } from '../support/tokens.js';

const ANY = { headers: { 'If-Match': '*' } };

let app: TestApp;
let admin: SignedIn;
let ann: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline' });
  admin = await app.factory.admin();
  ann = await app.factory.signedIn();
});
afterAll(() => app.stop());

let before: number;
beforeEach(async () => (before = await countRecords(app.dataSource)));

const added = async (): Promise<number> => (await countRecords(app.dataSource)) - before;
const pay = (id: string, amountCents: number, headers = {}): Promise<Reply> =>
  app.client.post(`/orders/${id}/payments`, { as: ann.token, body: { amountCents, method: 'card' }, headers });

describe('nothing done → nothing recorded', () => {
  it.each<[string, number, () => Promise<Reply>]>([
    ['a payment beyond what is due', 422, async () => pay((await app.factory.anOrder(ann.id)).id, 3_001)],
    ['a payment of what is paid', 409, async () => pay((await app.factory.anOrder(ann.id, { status: 'paid' })).id, 1)],
    ['a payment of an order of somebody else', 404, async () => pay((await app.factory.anOrder(admin.id)).id, 1)],
    [
      'an order that is worth nothing',
      422,
      () =>
        app.client.post('/orders', {
          as: ann.token,
          body: { currency: 'USD', items: [anItem({ unitPriceCents: 0 })] },
        }),
    ],
    [
      'another note of an order',
      200,
      async () =>
        app.client.patch(`/orders/${(await app.factory.anOrder(ann.id)).id}`, {
          as: ann.token,
          body: { note: 'Ring.' },
          ...ANY,
        }),
    ],
    ['another name', 200, () => app.client.patch(`/users/${ann.id}`, { as: ann.token, body: { name: 'Ann' }, ...ANY })],
    [
      'roles that he may not set',
      403,
      () => app.client.patch(`/users/${ann.id}`, { as: ann.token, body: { roles: ['admin'] }, ...ANY }),
    ],
    [
      'an address that is taken',
      409,
      () => app.client.patch(`/users/${ann.id}`, { as: ann.token, body: { email: admin.email }, ...ANY }),
    ],
    ['a wrong password', 400, () => app.client.post('/auth/token', { body: passwordGrant(ann.email, 'not it') })],
    ['a token of nobody', 400, () => app.client.post('/auth/token', { body: refreshGrant('x') })],
    [
      'a session of somebody else',
      404,
      () => app.client.delete(`/auth/sessions/${admin.sessionId}`, { as: ann.token }),
    ],
  ])('%s', async (_what, status, ask) => {
    expect([(await ask()).status, await added()]).toEqual([status, 0]);
  });

  it('the same key again → the first answer, and no second record', async () => {
    const { id } = await app.factory.anOrder(ann.id);
    const headers = { 'Idempotency-Key': randomUUID() };
    const replies = [await pay(id, 100, headers), await pay(id, 100, headers)];
    expect(replies.map(({ status, headers: { 'idempotent-replayed': replayed } }) => [status, replayed])).toEqual([
      [201, undefined],
      [201, 'true'],
    ]);
    expect(await added()).toBe(1);
  });

  it('a rollback after the record → it is gone with the effect', async () => {
    const [transaction, log] = [app.app.get(Transaction), app.app.get(AuditLog)];
    const rolledBack = transaction.run(async (manager) => {
      await log.record(manager, { action: 'user.disabled', subjectId: ann.id });
      throw new Error('after it');
    });
    await expect(rolledBack).rejects.toThrow('after it');
    expect(await added()).toBe(0);
  });

  it('a log that takes no row → 500, and the effect is gone with it', async () => {
    const { id } = await app.factory.anOrder(ann.id);
    await app.dataSource.query('ALTER TABLE audit_log RENAME TO audit_log_away');
    const refused = await pay(id, 100);
    await app.dataSource.query('ALTER TABLE audit_log_away RENAME TO audit_log');
    const { body } = await app.client.get(`/orders/${id}`, { as: ann.token });
    expect([refused.status, body.paidCents, await added()]).toEqual([500, 0, 0]);
  });
});

describe('many at the same time', () => {
  it('payments that compete for one order → a record for each movement of the ledger, and for nothing else', async () => {
    const { id } = await app.factory.anOrder(ann.id);
    const replies = await Promise.all(Array.from({ length: 12 }, () => pay(id, 500)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([...Array(6).fill(201), ...Array(6).fill(409)]);
    const [row] = await app.dataSource.query<{ unmatched: string; recorded: string }[]>(
      `SELECT count(*) FILTER (WHERE t.id IS NULL OR l.id IS NULL OR t.amount_cents <> (l.changes->>'amountCents')::bigint)
         AS unmatched, count(l.id) AS recorded
       FROM (SELECT * FROM transactions WHERE order_id = $1) t
       FULL JOIN (SELECT * FROM audit_log WHERE subject_id = $1) l ON l.changes->>'transactionId' = t.id::text`,
      [id],
    );
    expect(row).toEqual({ unmatched: 0, recorded: 6 });
  });

  it('a thousand sessions ended at once → a thousand records by one statement', async () => {
    const of = await app.factory.signedIn();
    await app.dataSource.query(
      `INSERT INTO sessions (id, user_id, last_used_at, expires_at)
       SELECT gen_random_uuid(), $1, now(), now() + interval '1 day' FROM generate_series(1, 999)`,
      [of.id],
    );
    const few = await app.factory.signedIn();
    const [many, one] = [
      await app.client.delete(`/users/${of.id}/sessions`, { as: admin.token }),
      await app.client.delete(`/users/${few.id}/sessions`, { as: admin.token }),
    ];
    expect([await added(), (await recordedBy(app.dataSource, many)).length]).toEqual([1_001, 1_000]);
    expect(queriesOf(many) - queriesOf(one)).toBe(9); // notices of 100 ids each
  });

  it('an import of a thousand rows → as many records, of the admin and the request that asked for it', async () => {
    const orders = Array.from({ length: 1_000 }, (_, index) => ({
      externalId: `many-${index}`,
      customerEmail: ann.email,
      currency: 'USD',
      items: [anItem()],
    }));
    const body = orders.map((order) => `${JSON.stringify(order)}\n`).join('');
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const reply = await app.client.post('/process?type=orders.import', { as: admin.token, body, headers });
    await jobEnded(app.client, reply, admin.token);
    const records = await recordedBy(app.dataSource, reply);
    const changes = { userId: ann.id, currency: 'USD', totalCents: 1_580 };
    expect(records).toHaveLength(1_000);
    expect(new Set(records.map((record) => JSON.stringify({ ...record, subjectId: '' })))).toEqual(
      new Set([
        JSON.stringify({ actorId: admin.id, action: 'order.placed', subjectType: 'order', subjectId: '', changes }),
      ]),
    );
  });
});

describe('users.export', () => {
  it('a person → what he did and what was done to his account, and nothing of others', async () => {
    const of = await app.factory.signedIn();
    await app.client.post('/orders', { as: of.token, body: { currency: 'USD', items: [anItem()] } });
    await app.client.patch(`/users/${of.id}`, { as: admin.token, body: { disabled: true }, ...ANY });
    await pay((await app.factory.anOrder(ann.id)).id, 100);
    const { result } = await done(app.client, 'users.export', { as: admin.token, data: { userId: of.id } });
    const told = result.audit.map((record: Record<string, unknown>) => [record['action'], record['actorId']]);
    expect(told).toEqual([
      ['user.disabled', admin.id],
      ['order.placed', of.id],
    ]);
  });
});
