import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import { AuditRecord } from '../../apps/api/src/audit/index.js';
import type { SignedIn } from '../support/factory.js';
import { expectConstantQueries } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

const OTHER_ROWS = 20_000;
/** One in fifty of the other rows has these. */
const BUSY = newId();
const PEOPLE = { actor: newId(), subject: newId() };
const DAYS = ['2026-01-01', '2026-01-02', '2026-01-03'] as const;

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
  await app.dataSource.query(
    `INSERT INTO audit_log (id, at, actor_id, action, subject_type, subject_id, request_id, changes)
     SELECT gen_random_uuid(), '2025-01-01'::timestamptz + n * interval '1 s', CASE WHEN busy THEN $2 ELSE gen_random_uuid() END,
       CASE WHEN busy THEN 'session.revoked' ELSE 'order.placed' END, CASE WHEN busy THEN 'session' ELSE 'order' END,
       CASE WHEN busy THEN $2 ELSE gen_random_uuid() END, CASE WHEN busy THEN 'busy' ELSE gen_random_uuid()::text END, '{}'
     FROM generate_series(1, $1) AS n, LATERAL (SELECT n % 50 = 0 AS busy) AS sort`,
    [OTHER_ROWS, BUSY],
  );
  for (const day of DAYS) await app.dataSource.getRepository(AuditRecord).insert(aRecord(day));
  await app.dataSource.query('ANALYZE audit_log');
});
afterAll(() => app.stop());

const aRecord = (day: string) => ({
  id: newId(),
  at: new Date(day),
  actorId: PEOPLE.actor,
  action: 'user.roles_changed' as const,
  subjectType: 'user' as const,
  subjectId: PEOPLE.subject,
  requestId: `request-of-${day}`,
  changes: { roles: { from: ['customer'], to: ['customer', 'admin'] } },
});

const list = (query: string, headers = {}): Promise<Reply> =>
  app.client.get(`/audit?${query}`, { as: admin.token, headers });
const daysOf = ({ body }: Reply): string[] => body.data.map(({ at }: AuditRecord) => String(at).slice(0, 10));

describe('GET /audit', () => {
  it.each([
    ['actorId', () => `actorId=${PEOPLE.actor}`, ['2026-01-03', '2026-01-02', '2026-01-01']],
    ['actorId in capitals', () => `actorId=${PEOPLE.actor.toUpperCase()}`, ['2026-01-03', '2026-01-02', '2026-01-01']],
    ['subjectId', () => `subjectId=${PEOPLE.subject}`, ['2026-01-03', '2026-01-02', '2026-01-01']],
    ['action', () => 'action=user.roles_changed', ['2026-01-03', '2026-01-02', '2026-01-01']],
    ['subjectType', () => 'subjectType=user', ['2026-01-03', '2026-01-02', '2026-01-01']],
    ['requestId', () => 'requestId=request-of-2026-01-02', ['2026-01-02']],
    ['after, which counts', () => 'after=2026-01-02', ['2026-01-03', '2026-01-02']],
    ['before, which does not count', () => 'before=2026-01-02&subjectType=user', ['2026-01-01']],
    ['both', () => 'after=2026-01-02&before=2026-01-03', ['2026-01-02']],
    ['all of them', () => `subjectType=user&action=user.created&actorId=${PEOPLE.actor}`, []],
  ])('%s → the records that match, newest first', async (_filter, query, days) => {
    expect(daysOf(await list(query()))).toEqual(days);
  });

  it('a record → as the contract has it', async () => {
    const { body } = await list('requestId=request-of-2026-01-01');
    expect(body.data).toEqual([{ ...aRecord('2026-01-01'), id: expect.any(String), at: '2026-01-01T00:00:00.000Z' }]);
  });

  it('page after page → each record once, and a total for who asks', async () => {
    const query = `subjectId=${PEOPLE.subject}&limit=2`;
    const first = await list(query, { Prefer: 'return=total-count' });
    const second = await list(`${query}&cursor=${first.body.page.nextCursor}`);
    expect([daysOf(first), first.body.page.total, daysOf(second), second.body.page.hasMore]).toEqual([
      ['2026-01-03', '2026-01-02'],
      3,
      ['2026-01-01'],
      false,
    ]);
    const foreign = await list(`limit=2&cursor=${first.body.page.nextCursor}`);
    expect([foreign.status, foreign.body.code]).toEqual([422, 'cursor.invalid']);
  });

  it('asked again → 304; a record more → another ETag, at once', async () => {
    const [actorId, id] = [newId(), newId()];
    const query = `actorId=${actorId}`;
    const { etag = '' } = (await list(query)).headers;
    expect((await list(query, { 'If-None-Match': etag })).status).toBe(304);
    await app.dataSource.getRepository(AuditRecord).insert({ ...aRecord('2025-12-31'), id, actorId, subjectId: null });
    expect((await list(query, { 'If-None-Match': etag })).body.data).toMatchObject([{ id }]);
  });

  it.each([
    ['text/csv', /^id,at,actorId,action,subjectType,subjectId,requestId,changes\r\n[^\n]+"\{""roles"":/],
    ['application/x-ndjson', /^\{"id":"[^\n]+\n$/],
  ])('as %s → whole', async (Accept, text) => {
    const reply = await list('requestId=request-of-2026-01-01', { Accept });
    expect([reply.status, reply.text]).toEqual([200, expect.stringMatching(text)]);
  });

  it.each([
    'actorId=me',
    'subjectId=1',
    'action=order.sung',
    'subjectType=song',
    'after=yesterday',
    'requestId=',
    'userId=x',
    'limit=0',
  ])('%s → 422', async (query) => {
    expect((await list(query)).status).toBe(422);
  });

  it.each([
    ['nobody', 401, () => Promise.resolve(undefined)],
    ['a customer', 403, () => app.factory.signedIn()],
    ['an analyst', 403, () => app.factory.analyst()],
  ])('%s → %d', async (_who, status, who) => {
    const as = (await who())?.token;
    const replies = [await app.client.get('/audit', { as }), await app.client.get('/audit?actorId=me', { as })];
    expect(replies.map((reply) => reply.status)).toEqual([status, status]);
  });

  it('any length → one statement', async () => {
    await expectConstantQueries(1, (rows) => list(`limit=${rows}`));
  });
});

describe('the plan of a page', () => {
  const LAST = `(at, id) < ('2025-01-01T03:00:00Z', '${randomUUID()}')`;

  const planOf = async (where: string): Promise<string> => {
    const plan = await app.dataSource.query<{ 'QUERY PLAN': string }[]>(
      `EXPLAIN SELECT * FROM audit_log WHERE ${where} ORDER BY at DESC, id DESC LIMIT 21`,
    );
    return plan.map((row) => row['QUERY PLAN']).join('\n');
  };

  it.each([
    ['no filter', 'true', 'audit_log_at_id_idx'],
    ['a time', `at >= '2025-01-01T02:00:00Z' AND at < '2025-01-01T04:00:00Z'`, 'audit_log_at_id_idx'],
    ['a busy actor', `actor_id = '${BUSY}'`, 'audit_log_actor_id_at_id_idx'],
    ['an action', `action = 'session.revoked'`, 'audit_log_action_at_id_idx'],
    ['a kind of subject', `subject_type = 'session'`, 'audit_log_subject_type_at_id_idx'],
    ['a busy subject', `subject_id = '${BUSY}'`, 'audit_log_subject_id_at_id_idx'],
    ['a busy request', `request_id = 'busy'`, 'audit_log_request_id_at_id_idx'],
  ])('%s → its index, in its order, on the first page and later', async (_filter, condition, index) => {
    for (const plan of [await planOf(condition), await planOf(`${condition} AND ${LAST}`)]) {
      expect(plan).toContain(`Index Scan Backward using ${index}`);
      expect(plan).not.toMatch(/Sort|Seq Scan/);
    }
  });

  it.each(['actor_id', 'subject_id', 'request_id'])('a rare %s → its index, too', async (column) => {
    const plan = await planOf(`${column} = '${randomUUID()}'`);
    expect(plan).toContain(`audit_log_${column}_at_id_idx`);
    expect(plan).not.toContain('Seq Scan');
  });
});

describe('a record that is there', () => {
  it.each([
    ['UPDATE', `UPDATE audit_log SET actor_id = NULL`],
    ['UPDATE of no row', `UPDATE audit_log SET actor_id = NULL WHERE false`],
    ['DELETE', 'DELETE FROM audit_log'],
    ['TRUNCATE', 'TRUNCATE audit_log'],
    ['a session that replicates', `SET LOCAL session_replication_role = replica; DELETE FROM audit_log`],
    ['INSERT over it', `INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (id) DO UPDATE SET changes = '{}'`],
  ])('%s, by a superuser who owns the table → refused', async (_how, statement) => {
    const refused = app.dataSource.transaction((manager) => manager.query(statement));
    await expect(refused).rejects.toThrow(/append-only/);
  });

  it('the privileges of its owner → to read and to add', async () => {
    const held = await app.dataSource.query<{ privileges: string[] }[]>(
      `SELECT array_agg(privilege_type ORDER BY privilege_type) AS privileges
       FROM pg_class, aclexplode(relacl) WHERE oid = 'audit_log'::regclass AND grantee = relowner`,
    );
    expect(held).toEqual([{ privileges: ['INSERT', 'SELECT'] }]);
  });
});
