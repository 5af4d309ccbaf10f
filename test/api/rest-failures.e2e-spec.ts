import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let user: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ DATABASE_STATEMENT_TIMEOUT_MS: '200' });
  user = await app.factory.signedIn();
});
afterAll(() => app.stop());

const logOf = (reply: Reply): Record<string, unknown>[] => app.log.of(reply.headers['x-request-id']);

/** Runs `work` while the table is not there. */
async function without<T>(table: string, work: () => Promise<T>): Promise<T> {
  await app.dataSource.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
  try {
    return await work();
  } finally {
    await app.dataSource.query(`ALTER TABLE ${table}_away RENAME TO ${table}`);
  }
}

describe('a handler that fails', () => {
  it('the answer → 500 with fixed texts, and nothing else', async () => {
    const reply = await without('users', () => app.client.get('/users/me', { as: user.token }));
    expect(reply.status).toBe(500);
    expect(reply.body).toEqual({
      type: '/problems/server.internal',
      title: 'Internal error',
      status: 500,
      detail: 'The server failed; the request id finds the cause in its log.',
      instance: '/api/v1/users/me',
      code: 'server.internal',
      requestId: reply.headers['x-request-id'],
    });
    expect(Object.values(reply.headers).join()).not.toMatch(/relation|QueryFailed|SELECT/);
  });

  it('the log → has the cause under the request id', async () => {
    const reply = await without('users', () => app.client.get('/users/me', { as: user.token }));
    const [failure, line] = logOf(reply);
    expect(failure).toMatchObject({
      level: 'error',
      message: 'request failed',
      code: 'server.internal',
      user_id: user.id,
      error: {
        type: 'QueryFailedError',
        message: 'relation "users" does not exist',
        stack: expect.stringContaining('users.service'),
      },
    });
    expect(line).toMatchObject({ level: 'error', message: 'request', status: 500 });
  });

  it('the log → has neither the statement nor its parameters', async () => {
    const body = { name: 'Ada Secretive', email: 'secretive@example.com', password: 'correct horse battery' };
    const reply = await without('users', () => app.client.post('/users', { body }));
    const text = JSON.stringify(logOf(reply));
    expect(reply.status).toBe(500);
    expect(text).toContain('does not exist');
    expect(text).not.toMatch(/secretive|INSERT|argon2|correct horse/i);
  });

  it('afterwards → the service answers as before', async () => {
    await without('orders', () => app.client.get('/orders', { as: user.token }));
    expect((await app.client.get('/orders', { as: user.token })).status).toBe(200);
  });
});

describe('an error of PostgreSQL in a handler', () => {
  beforeAll(async () => {
    await app.dataSource.query('CREATE SEQUENCE attempts');
    await app.dataSource.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM nextval('attempts');
        RAISE EXCEPTION 'internal wording of %', NEW.name USING ERRCODE = NEW.name, DETAIL = 'internal detail';
      END $$`);
    await app.dataSource.query(
      `CREATE TRIGGER fail BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.name ~ '^[0-9A-Z]{5}$') EXECUTE FUNCTION fail()`,
    );
  });

  async function failWith(code: string): Promise<{ reply: Reply; attempts: number }> {
    await app.dataSource.query(`SELECT setval('attempts', 1, false)`);
    const reply = await app.client.patch(`/users/${user.id}`, {
      as: user.token,
      body: { name: code },
      headers: { 'If-Match': '*' },
    });
    const [row] = await app.dataSource.query<{ attempts: number }[]>('SELECT last_value AS attempts FROM attempts');
    return { reply, attempts: row?.attempts ?? 0 };
  }

  it.each([
    ['40001', 'a serialization failure', 409, 'conflict.concurrent_update', 3],
    ['40P01', 'a deadlock', 409, 'conflict.concurrent_update', 3],
    ['23505', 'a unique violation that no rule names', 409, 'conflict.concurrent_update', 1],
    ['23503', 'a foreign key violation', 409, 'conflict.concurrent_update', 1],
    ['23514', 'a check violation', 422, 'request.invalid', 1],
    ['22003', 'a number out of range', 422, 'request.invalid', 1],
    ['57014', 'a statement timeout', 503, 'service.unavailable', 1],
    ['55P03', 'a lock timeout', 503, 'service.unavailable', 1],
    ['53300', 'too many connections', 503, 'service.unavailable', 1],
    ['57P01', 'a server that shuts down', 503, 'service.unavailable', 1],
    ['P0001', 'anything else', 500, 'server.internal', 1],
    ['42501', 'a right that is missing', 500, 'server.internal', 1],
  ])('%s, %s → %s %s', async (sqlState, _situation, status, code, attempts) => {
    const { reply, attempts: made } = await failWith(sqlState);
    expect([reply.status, reply.body.code, made]).toEqual([status, code, attempts]);
    expect(reply.text).not.toMatch(/internal (wording|detail)|QueryFailed/);
    expect(reply.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it('a failure that passes at the second attempt → the caller sees none', async () => {
    await app.dataSource.query(`SELECT setval('attempts', 1, false)`);
    await app.dataSource.query(`
      CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('attempts') = 1 THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
        RETURN NEW;
      END $$`);
    await app.dataSource.query(
      `CREATE TRIGGER fail_once BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fail_once()`,
    );
    const reply = await app.client.patch(`/users/${user.id}`, {
      as: user.token,
      body: { name: 'Persistent' },
      headers: { 'If-Match': '*' },
    });
    expect([reply.status, reply.body.name, reply.body.version]).toEqual([200, 'Persistent', 2]);
  });
});

describe('a database that keeps a request waiting', () => {
  it('longer than a statement may take → 503 with Retry-After, and then as before', async () => {
    const read = () => app.client.get('/users/me', { as: user.token });
    const reply = await HeldLock.during(app.database.url, 'LOCK TABLE users', read);
    expect([reply.status, reply.body.code, reply.headers['retry-after']]).toEqual([503, 'service.unavailable', '1']);
    expect((await read()).status).toBe(200);
  });
});
