import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient, Reply } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { HeldLock } from '../support/held-lock.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

const STATEMENT_TIMEOUT_MS = 400;
/** A statement, the second that the driver waits longer, and room for a slow machine. */
const ANSWER_LIMIT_MS = 4_000;
const HEAL_LIMIT_MS = 5_000;
const USER = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };
const CREDENTIALS = { grant_type: 'password', username: USER.email, password: USER.password };
const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let server: ServerProcess;
let client: ApiClient;
let token: string;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  server = aServer();
  forAll.add(endOfServer);
  client = await server.client();
  expect((await client.post('/users', { body: USER })).status).toBe(201);
  const { body: tokens } = await client.post('/auth/token', { body: CREDENTIALS });
  token = tokens.access_token;
});

/** The process of the beginning is still there, healthy, and has written nothing but JSON. */
afterEach(async () => {
  expect(server.log.lines().filter(({ level }) => level === 'fatal')).toEqual([]);
  await until(async () => (await client.get('//health/ready')).status === 200, HEAL_LIMIT_MS);
  // Ready says that one connection works; another may have been ended an instant ago, and says so to the next who asks.
  await until(async () => (await client.post('/orders', { as: token, body: ORDER })).status === 201, HEAL_LIMIT_MS);
});

function aServer(): ServerProcess {
  const variables = {
    ...UNLIMITED,
    CACHE: 'off', // what is kept needs no database
    DATABASE_URL: postgres.url,
    DATABASE_POOL_MAX: '2',
    DATABASE_STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS),
    JWT_KEYS: KEYS,
    DEMO_DATA: 'false',
  };
  return ServerProcess.spawn({ variables });
}

/** Whatever happened to its database, it stops as ever. */
async function endOfServer(): Promise<void> {
  server.signal('SIGTERM');
  expect(await server.ended()).toBe('code 0');
  server.log.assertNoSecrets();
}

/** One request of each kind, all at once. */
function requests(): Readonly<Record<string, Promise<Reply>>> {
  return {
    'a row': client.get('/users/me', { as: token }),
    'a list': client.get('/orders', { as: token }),
    'a transaction': client.post('/orders', { as: token, body: ORDER }),
    'a public write': client.post('/users', { body: { ...USER, email: 'bob@example.com' } }),
    'a sign-in': client.post('/auth/token', { body: CREDENTIALS }),
    'a renewal': client.post('/auth/token', { body: { grant_type: 'refresh_token', refresh_token: 'x'.repeat(43) } }),
    'a revocation': client.delete('/auth/sessions', { as: token }),
  };
}

async function expectUnavailable(replies: Readonly<Record<string, Promise<Reply>>>): Promise<void> {
  for (const [kind, reply] of Object.entries(replies)) {
    const { status, body, headers } = await reply;
    expect({ kind, status, code: body.code, retryAfter: headers['retry-after'] }).toEqual({
      kind,
      status: 503,
      code: 'service.unavailable',
      retryAfter: expect.stringMatching(/^[1-9]\d*$/),
    });
  }
}

describe('the database goes away under a running server', () => {
  it('it is stopped → 503 with Retry-After on every route, ready no, live yes; it comes back → all is well', async () => {
    await postgres.stop();
    await expectUnavailable(requests());
    const ready = await client.get('//health/ready');
    expect(ready).toMatchObject({ status: 503, body: { status: 'error', error: { database: { status: 'down' } } } });
    expect((await client.get('//health/live')).status).toBe(200);
    await postgres.startAgain();
  });

  it('it is frozen → 503 within the time limits, ready no, live yes; it thaws → all is well', async () => {
    const frozenAt = performance.now();
    postgres.freeze();
    try {
      await Promise.all([
        expectUnavailable(requests()),
        client.get('//health/ready').then(({ status }) => expect(status).toBe(503)),
        client.get('//health/live').then(({ status }) => expect(status).toBe(200)),
      ]);
    } finally {
      postgres.thaw();
    }
    expect(performance.now() - frozenAt).toBeLessThan(ANSWER_LIMIT_MS);
    expect(await postgres.query('SELECT email FROM users')).toEqual([{ email: USER.email }]);
  });

  it('a connection is ended in the middle of a query → 503, never 500', async () => {
    await HeldLock.during(postgres.url, 'LOCK TABLE orders', async (lock) => {
      const reply = client.post('/orders', { as: token, body: ORDER });
      const [waiter] = await lock.waiters(1);
      await postgres.query('SELECT pg_terminate_backend($1)', [waiter?.pid]);
      await expectUnavailable({ 'the one whose connection ended': reply });
    });
  });

  it('every connection is ended again and again under load → answers are 201 or 503', async () => {
    const statuses = new Set<number>();
    const writers = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 25; n += 1) statuses.add((await client.post('/orders', { as: token, body: ORDER })).status);
    });
    const writing = Promise.all(writers).then(() => true);
    while (!(await Promise.race([writing, endConnections()])));
    expect([...statuses].toSorted()).toEqual([201, 503]);
  });

  it('a statement takes too long → 503', async () => {
    await HeldLock.during(postgres.url, 'LOCK TABLE orders', async () => {
      await expectUnavailable({ 'a list': client.get('/orders', { as: token }) });
    });
  });

  it('all connections of the pool are busy → those who wait for one get 503', async () => {
    await HeldLock.during(postgres.url, 'LOCK TABLE orders', async () => {
      const lists = Array.from({ length: 8 }, (_, n) => [`list ${n}`, client.get('/orders', { as: token })] as const);
      await expectUnavailable(Object.fromEntries(lists));
    });
    const causes = server.said('request failed').map(({ error }) => Object(error).message);
    expect(causes).toContainEqual(expect.stringContaining('timeout exceeded when trying to connect'));
  });
});

describe('the database is not there yet', () => {
  it('a server started before it → waits, and comes up with it', async () => {
    await postgres.stop();
    const early = aServer();
    forAll.add(() => early.kill());
    await early.says('the database does not answer, trying again');
    await postgres.startAgain();
    await early.listening();
  });
});

/** @returns false, when a moment has passed. */
async function endConnections(): Promise<boolean> {
  await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'plinth-api'");
  return false;
}
