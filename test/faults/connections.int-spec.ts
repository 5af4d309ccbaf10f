import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { databaseProblem, dataSourceOptions, Transaction } from '@app/database';
import { configureLogging } from '@app/logging';
import { DataSource, type EntityManager } from 'typeorm';
import { valuesOf } from '../support/embedded-server.js';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

const STATEMENT_TIMEOUT_MS = 300;
/** Longer than the driver waits for the answer, and then for that of the rollback. */
const LONG_S = 3.5;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  await configureLogging({ level: 'silent', format: 'json' });
  database = await createEmptyDatabase();
  await valuesOf(database.url, 'CREATE TABLE kept (id int)');
});
afterAll(() => database.drop());

beforeEach(async () => {
  const options = {
    url: database.url,
    poolMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: 'plinth-test',
    entities: [],
    migrations: [],
  };
  dataSource = await new DataSource(dataSourceOptions(options)).initialize();
});
afterEach(() => dataSource.destroy());

/** @returns what a consumer would be told of the error. */
async function problemOf(work: (manager: EntityManager) => Promise<unknown>): Promise<unknown> {
  return new Transaction(dataSource).run(work).then(
    () => 'none',
    (error: unknown) => databaseProblem(error)?.problem.code ?? error,
  );
}

describe('a connection of the pool', () => {
  it.each([
    ['statement_timeout', `${STATEMENT_TIMEOUT_MS}ms`],
    ['idle_in_transaction_session_timeout', '30s'],
    ['application_name', 'plinth-test'],
  ])('%s → %s', async (setting, value) => {
    expect(await dataSource.query('SELECT current_setting($1) AS value', [setting])).toEqual([{ value }]);
  });

  it('ten statements at once → run on one connection', async () => {
    const statements = Array.from({ length: 10 }, () => dataSource.query('SELECT pg_backend_pid(), pg_sleep(0.01)'));
    const pids = (await Promise.all(statements)).map(([{ pg_backend_pid: pid }]) => pid);
    expect(new Set(pids).size).toBe(1);
  });

  it('a statement longer than its limit → ended by PostgreSQL, unavailable', async () => {
    expect(await problemOf((manager) => manager.query('SELECT pg_sleep(5)'))).toBe('service.unavailable');
  });

  it('it is lost between two statements of a transaction → unavailable, nothing is kept', async () => {
    const problem = await problemOf(async (manager) => {
      await manager.query('INSERT INTO kept VALUES (1)');
      const [{ pid }] = await manager.query('SELECT pg_backend_pid() AS pid');
      await valuesOf(database.url, `SELECT pg_terminate_backend(${pid})`);
      await until(() => manager.queryRunner?.isReleased === true);
      await manager.query('INSERT INTO kept VALUES (2)');
    });
    expect(problem).toBe('service.unavailable');
    expect(await valuesOf(database.url, 'SELECT id FROM kept')).toEqual([]);
  });

  it('the driver gives up on a statement → the next user gets another connection, and nothing is kept', async () => {
    const problem = await problemOf(async (manager) => {
      await manager.query('INSERT INTO kept VALUES (3)');
      await manager.query('SET LOCAL statement_timeout = 0'); // as if PostgreSQL could not keep it
      await manager.query(`SELECT pg_sleep(${LONG_S})`);
    });
    expect(problem).toBe('service.unavailable');
    expect(await problemOf((manager) => manager.query('INSERT INTO kept VALUES (4)'))).toBe('none');
    expect(await valuesOf(database.url, 'SELECT id FROM kept')).toEqual([4]);
  });
});
