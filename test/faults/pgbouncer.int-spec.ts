import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { keepsSession } from '@app/database';
import pg from 'pg';
import type { ApiClient } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { HeldLock } from '../support/held-lock.js';
import { describeWith } from '../support/installed.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { ThrowAwayPgBouncer } from '../support/throw-away-pgbouncer.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

/** Of PgBouncer's file, as the test has it; the application believes in 15 s. */
const STATEMENT_TIMEOUT_MS = 1_000;
const SERVERS = 3;
const AT_ONCE = 200;
const HOOK_LIMIT_MS = 90_000;
const USER = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };
const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };
const DEAF = 'DATABASE_URL leads to a pooler in transaction mode: sessions are looked up; set DATABASE_DIRECT_URL';
/** What is there after a statement that met another session than the one before. */
const MIXED_UP = /prepared statement|unnamed portal|unsupported startup parameter|savepoint|transaction in progress/i;

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let pooler: ThrowAwayPgBouncer;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
}, HOOK_LIMIT_MS);

function aServer(variables: Readonly<Record<string, string>>): ServerProcess {
  const common = { ...UNLIMITED, JWT_KEYS: KEYS, DEMO_DATA: 'false', JOBS: 'off', CACHE: 'off', SHEDDING: 'off' };
  const server = ServerProcess.spawn({ variables: { ...common, ...variables } });
  forAll.add(async () => {
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
  });
  return server;
}

async function signIn(client: ApiClient): Promise<string> {
  const credentials = { grant_type: 'password', username: USER.email, password: USER.password };
  return (await client.post('/auth/token', { body: credentials })).body.access_token;
}

function place(client: ApiClient, token: string, key: string = randomUUID()) {
  return client.post('/orders', { as: token, body: ORDER, headers: { 'Idempotency-Key': key } });
}

/** From the start to the end of a job that reads everything of a user. */
async function exportOf(client: ApiClient, token: string, userId: string): Promise<string> {
  const asked = { as: token, body: { type: 'users.export', data: { userId } } };
  const { body: job } = await client.post('/process', asked);
  const status = async () => (await client.get(`/jobs/${job.id}`, { as: token })).body.status;
  await until(async () => ['succeeded', 'failed'].includes(await status()), 20_000);
  return status();
}

describeWith('pgbouncer')('two instances, one of which works, behind a pooler in transaction mode', () => {
  let first: ApiClient;
  let second: ApiClient;
  let servers: readonly ServerProcess[];
  let userId: string;
  let token: string;

  beforeAll(async () => {
    const settings = [`default_pool_size = ${SERVERS}`];
    const statementTimeoutMs = STATEMENT_TIMEOUT_MS;
    pooler = await ThrowAwayPgBouncer.start({ databaseUrl: postgres.url, statementTimeoutMs, settings });
    forAll.add(() => pooler.remove());
    const variables = { DATABASE_URL: pooler.url(), DATABASE_DIRECT_URL: postgres.url };
    const [one, other] = [aServer(variables), aServer({ ...variables, JOBS: 'inline' })];
    servers = [one, other];
    [first, second] = await Promise.all([one.client(), other.client()]);
    userId = (await first.post('/users', { body: USER })).body.id;
    await postgres.query(`UPDATE users SET roles = '{customer,analyst,admin}'`);
    token = await signIn(first);
  }, HOOK_LIMIT_MS);

  afterAll(() => {
    const complaints = servers.flatMap(({ log }) => log.lines().map((line) => JSON.stringify(line)));
    expect([...complaints, ...pooler.log.split('\n')].filter((line) => MIXED_UP.test(line))).toEqual([]);
  });

  it('their start → they hear of sessions past the pooler, which decides how long statements may take', async () => {
    for (const server of servers) {
      await server.says('listening for revoked sessions');
      expect(server.said('a pooler decides how long statements may take; 0 is for ever')).toMatchObject([
        { timeoutMs: STATEMENT_TIMEOUT_MS },
      ]);
    }
  });

  it('one key twenty times at once, a payment, a report, an export, a job → each as without a pooler', async () => {
    const key = randomUUID();
    const placed = await Promise.all(
      Array.from({ length: 20 }, (_, index) => place(index % 2 === 0 ? first : second, token, key)),
    );
    expect([...new Set(placed.map(({ status }) => status))].filter((status) => ![201, 409].includes(status))).toEqual(
      [],
    );
    const [order] = placed.filter(({ status }) => status === 201).map(({ body }) => body);
    const payment = { as: token, body: { amountCents: 100, method: 'card' }, headers: { 'Idempotency-Key': key } };
    expect((await second.post(`/orders/${order.id}/payments`, payment)).status).toBe(201);
    const report = await first.get('/analytics/revenue?currency=USD', { as: token });
    const sum = report.body.data.reduce((cents: number, bucket: { netCents: number }) => cents + bucket.netCents, 0);
    expect([report.status, sum]).toEqual([200, 100]);
    const rows = await second.get('/orders', { as: token, headers: { Accept: 'text/csv' } });
    expect([rows.status, rows.text.trim().split('\r\n').length]).toEqual([200, 2]);
    expect(await exportOf(first, token, userId)).toBe('succeeded');
  });

  it('a session ends on one → refused by the next request on the other', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ending = await signIn(first);
      expect((await second.get('/users/me', { as: ending })).status).toBe(200);
      expect((await first.delete('/auth/sessions', { as: ending })).status).toBe(204);
      expect((await second.get('/users/me', { as: ending })).status).toBe(401);
    }
    token = await signIn(first);
  });

  it(`${AT_ONCE} requests at once, reads and transactions → all are answered, on ${SERVERS} sessions`, async () => {
    const asks = Array.from({ length: AT_ONCE }, (_, index) => {
      const client = index % 2 === 0 ? first : second;
      if (index % 4 === 0) return place(client, token);
      return client.get(index % 4 === 1 ? '/analytics/customers?currency=USD' : '/orders?limit=2', { as: token });
    });
    const statuses = (await Promise.all(asks)).map(({ status }) => status);
    expect(statuses.filter((status) => status >= 400)).toEqual([]);
    const [count] = await postgres.query<{ sessions: number }>(
      `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'plinth-api'`,
    );
    expect(count?.sessions).toBeLessThanOrEqual(SERVERS);
  });

  it('a statement takes too long → PostgreSQL ends it, 503, and the connection is as good as before', async () => {
    await HeldLock.during(postgres.url, 'LOCK TABLE orders', async (lock) => {
      const list = first.get('/orders', { as: token });
      await lock.waiters(1);
      expect((await list).body.code).toBe('service.unavailable');
      await lock.waiters(0);
    });
    expect((await first.get('/orders', { as: token })).status).toBe(200);
  });

  it('the pooler starts anew under load → 503 at worst meanwhile, and all is well again', async () => {
    const statuses = new Set<number>();
    let isOver = false;
    const writers = Array.from({ length: 6 }, async (_, index) => {
      while (!isOver) statuses.add((await place(index % 2 === 0 ? first : second, token)).status);
    });
    await until(() => statuses.has(201));
    await pooler.stop();
    await until(() => statuses.has(503));
    await pooler.startAgain();
    await until(async () => (await place(first, token)).status === 201);
    isOver = true;
    await Promise.all(writers);
    expect([...statuses].toSorted()).toEqual([201, 503]);
    expect((await second.get('//health/ready')).status).toBe(200);
  });
});

describeWith('pgbouncer')('a pooler in transaction mode that nobody has told of us, and no way past it', () => {
  it('instances start on an empty database → they work, look sessions up, and ask for jobs', async () => {
    await postgres.query('CREATE DATABASE other');
    const settings = ['default_pool_size = 2', 'ignore_startup_parameters ='];
    const bare = await ThrowAwayPgBouncer.start({ databaseUrl: postgres.url, settings });
    forAll.add(() => bare.remove());
    const variables = { DATABASE_URL: bare.url('other'), JOBS: 'inline' };
    const [one, other] = [aServer(variables), aServer(variables)];
    const [first, second] = await Promise.all([one.client(), other.client()]);
    await one.says(DEAF);
    await other.says(DEAF);
    const { id } = (await first.post('/users', { body: USER })).body;
    const [token, ending] = [await signIn(first), await signIn(second)];
    expect((await place(second, token)).status).toBe(201);
    expect(await exportOf(first, token, id)).toBe('succeeded');
    expect((await second.get('/users/me', { as: ending })).status).toBe(200);
    expect((await first.delete('/auth/sessions', { as: ending })).status).toBe(204);
    expect((await second.get('/users/me', { as: ending })).status).toBe(401);
    expect((await second.get('/users/me', { as: token })).status).toBe(401);
  });
});

describeWith('pgbouncer')('whether a connection keeps its session', () => {
  it.each([
    ['session', true, []],
    ['transaction', false, []],
    ['transaction', false, ['server_round_robin = 1']],
  ] as const)('a pooler in %s mode → %s %j', async (mode, keeps, settings) => {
    const options = { databaseUrl: postgres.url, settings: [`pool_mode = ${mode}`, ...settings] };
    const own = await ThrowAwayPgBouncer.start(options);
    forAll.add(() => own.remove());
    const others = await Promise.all([1, 2, 3].map(() => postgresClient(own.url())));
    expect(await keepsSession(own.url())).toBe(keeps);
    await Promise.all(others.map((other) => other.end()));
  });

  it('no pooler → true', async () => {
    expect(await keepsSession(postgres.url)).toBe(true);
  });
});

/** With a session of its own, or one that is free again. */
async function postgresClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT pg_sleep(0.05)');
  return client;
}
