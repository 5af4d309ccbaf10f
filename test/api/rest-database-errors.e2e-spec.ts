import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { databaseProblem, newId } from '@app/database';
import { DataSource, type QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const USER = `INSERT INTO users (id, name, email, email_key, age, roles, password_hash, version)
              VALUES ($1, 'Ada', 'a@example.com', $2, $3, '{customer}', '-', 1)`;

let database: TestDatabase;
let dataSource: DataSource;
let one: QueryRunner;
let other: QueryRunner;
beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  await dataSource.query(USER, [newId(), 'taken@example.com', 1]);
  await dataSource.query(USER, [newId(), 'second@example.com', 2]);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});
beforeEach(() => {
  [one, other] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
});
afterEach(async () => {
  for (const runner of [one, other]) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.query('RESET ALL');
    await runner.release();
  }
});

/** What the API makes of the error that `work` ends with. */
async function verdictOn(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => new Error('the work has not failed'),
    (failure: unknown) => failure,
  );
  const problem = databaseProblem(error);
  return problem ? [problem.problem.status, problem.problem.code] : error;
}

async function pidOf(runner: QueryRunner): Promise<number> {
  const [row] = await runner.manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

async function isThere(pid: number): Promise<boolean> {
  return (await other.manager.query<unknown[]>('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length > 0;
}

const CONFLICT = [409, 'conflict.concurrent_update'];
const REFUSED = [422, 'request.invalid'];
const AWAY = [503, 'service.unavailable'];

describe('what PostgreSQL refuses', () => {
  it('a unique violation → 409', async () => {
    expect(await verdictOn(one.query(USER, [newId(), 'taken@example.com', 1]))).toEqual(CONFLICT);
  });

  it('a foreign key violation → 409', async () => {
    const insert = `INSERT INTO sessions (id, user_id, last_used_at, expires_at) VALUES ($1, $1, now(), now())`;
    expect(await verdictOn(one.query(insert, [newId()]))).toEqual(CONFLICT);
  });

  it('a check violation → 422', async () => {
    expect(await verdictOn(one.query(USER, [newId(), 'old@example.com', 151]))).toEqual(REFUSED);
  });

  it('a missing value → 422', async () => {
    expect(await verdictOn(one.query(USER, [newId(), null, 1]))).toEqual(REFUSED);
  });

  it.each([
    ['a number out of range', `SELECT 3000000000::integer`],
    ['no UUID', `SELECT 'x'::uuid`],
    ['NUL in a text', `SELECT convert_from('\\x00', 'UTF8')`],
    ['a year that PostgreSQL has not', `SELECT '300000-01-01'::timestamptz`],
  ])('%s → 422', async (_situation, statement) => {
    expect(await verdictOn(one.query(statement))).toEqual(REFUSED);
  });
});

describe('transactions in each other’s way', () => {
  it('a serialization failure → 409', async () => {
    for (const runner of [one, other]) {
      await runner.startTransaction('SERIALIZABLE');
      await runner.query('SELECT sum(age) FROM users');
    }
    await one.query('UPDATE users SET age = 3 WHERE age = 1');
    await other.query('UPDATE users SET age = 4 WHERE age = 2');
    await one.commitTransaction();
    expect(await verdictOn(other.commitTransaction())).toEqual(CONFLICT);
    await dataSource.query('UPDATE users SET age = age - 2 WHERE age > 2');
  });

  it('a deadlock → 409 for the one that PostgreSQL picks', async () => {
    for (const [runner, key] of [
      [one, 1],
      [other, 2],
    ] as const) {
      await runner.query(`SET deadlock_timeout = '1ms'`);
      await runner.startTransaction();
      await runner.query('SELECT pg_advisory_xact_lock($1)', [key]);
    }
    const waits = [one.query('SELECT pg_advisory_xact_lock(2)'), other.query('SELECT pg_advisory_xact_lock(1)')];
    const victim = Promise.race(waits.map((wait) => wait.then(() => new Promise<never>(() => undefined))));
    expect(await verdictOn(victim)).toEqual(CONFLICT);
    await Promise.allSettled(waits);
  });

  it.each([
    ['a lock that is not free in time', `SET lock_timeout = '1ms'`, 'LOCK TABLE users'],
    ['a lock that is not free at once', `SET lock_timeout = 0`, 'LOCK TABLE users NOWAIT'],
  ])('%s → 503', async (_situation, setting, statement) => {
    await other.startTransaction();
    await other.query('LOCK TABLE users');
    await one.query(setting);
    await one.startTransaction();
    expect(await verdictOn(one.query(statement))).toEqual(AWAY);
  });
});

describe('a database that does not answer', () => {
  it('a statement that takes too long → 503, with the time to wait', async () => {
    await one.query(`SET statement_timeout = '1ms'`);
    const work = one.query('SELECT pg_sleep(10)');
    expect(databaseProblem(await work.catch((error: unknown) => error))?.headers).toEqual({ 'Retry-After': '1' });
    expect(await verdictOn(work)).toEqual(AWAY);
  });

  it('a transaction that idles too long → 503', async () => {
    await one.startTransaction();
    const pid = await pidOf(one);
    await one.query(`SET LOCAL idle_in_transaction_session_timeout = '1ms'`);
    while (await isThere(pid)) continue;
    expect(await verdictOn(one.query('SELECT 1'))).toEqual(AWAY);
    one = dataSource.createQueryRunner();
  });

  it('a connection that is cut in the middle of a statement → 503', async () => {
    const pid = await pidOf(one);
    const verdict = verdictOn(one.query('SELECT pg_sleep(10)'));
    await other.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await verdict).toEqual(AWAY);
    one = dataSource.createQueryRunner();
  });

  it('a standby that takes no writes → 503', async () => {
    await one.startTransaction();
    await one.query('SET TRANSACTION READ ONLY');
    expect(await verdictOn(one.query(USER, [newId(), 'new@example.com', 1]))).toEqual(AWAY);
  });

  it('no connection free in the pool → 503', async () => {
    const small = new DataSource({ type: 'postgres', url: database.url, poolSize: 1, connectTimeoutMS: 1_000 });
    await small.initialize();
    const holder = small.createQueryRunner();
    await holder.connect();
    expect(await verdictOn(small.query('SELECT 1'))).toEqual(AWAY);
    await holder.release();
    await small.destroy();
  });
});

describe('what is our own mistake → nobody’s problem but 500', () => {
  it.each([
    ['no such table', 'SELECT FROM nowhere'],
    ['no such column', 'SELECT nothing FROM users'],
    ['no SQL', 'SELEKT'],
    ['too few parameters', 'SELECT $1::text'],
  ])('%s', async (_situation, statement) => {
    expect(await verdictOn(one.query(statement))).toBeInstanceOf(Error);
  });

  it.each([new Error('timeout'), new TypeError('x is not a function'), 'gone', undefined, { code: '23505' }])(
    '%p',
    (thrown) => {
      expect(databaseProblem(thrown)).toBeUndefined();
    },
  );
});
