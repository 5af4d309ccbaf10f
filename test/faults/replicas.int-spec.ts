import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };
const REPORT = '/analytics/revenue?currency=USD';
/** A replica is not believed before a process, and its Redis, have been there for ten seconds. */
const TRUST_LIMIT_MS = 30_000;
const HOOK_LIMIT_MS = 90_000;

interface Report {
  readonly asOf: Date;
  readonly orders: number;
  readonly p50: number | null;
}

const forAll = Cleanups.afterAll();
let primary: ThrowAwayPostgres;
let replica: ThrowAwayPostgres;
let redis: ThrowAwayRedis;
let first: ApiClient;
let second: ApiClient;
let writer: string;
let reader: string;

async function aServer(): Promise<ServerProcess> {
  const variables = {
    ...UNLIMITED,
    JWT_KEYS: KEYS,
    DEMO_DATA: 'false',
    JOBS: 'off',
    SHEDDING: 'off', // a busy machine sheds, whatever its databases do
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URLS: replica.url,
    DATABASE_STATEMENT_TIMEOUT_MS: '1500',
    REDIS_URL: redis.url,
  };
  const server = ServerProcess.spawn({ variables });
  forAll.add(async () => {
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
  });
  await server.listening();
  return server;
}

async function anAnalyst(name: string): Promise<string> {
  const [email, password] = [`${name}@example.com`, 'a password for tests'];
  expect((await first.post('/users', { body: { name, email, password } })).status).toBe(201);
  await primary.query(`UPDATE users SET roles = '{customer,analyst}' WHERE email = $1`, [email]);
  const credentials = { grant_type: 'password', username: email, password };
  return (await first.post('/auth/token', { body: credentials })).body.access_token;
}

/** @returns when it was committed for certain, by the clock of the primary. */
async function place(): Promise<Date> {
  expect((await first.post('/orders', { as: writer, body: ORDER })).status).toBe(201);
  const [row] = await primary.query<{ at: Date }>('SELECT clock_timestamp() AS at');
  return row?.at ?? new Date(Number.NaN);
}

async function report(client: ApiClient, as: string): Promise<Report> {
  const { status, body } = await client.get(REPORT, { as });
  expect(status).toBe(200);
  const days: { orders: number; p50OrderCents: number | null }[] = body.data;
  const orders = days.reduce((sum, day) => sum + day.orders, 0);
  return { asOf: new Date(body.asOf), orders, p50: days.at(-1)?.p50OrderCents ?? null };
}

/** Reads so far that were answered there, by both instances. */
async function readsOf(target: 'primary' | 'replica'): Promise<number> {
  const pages = await Promise.all(
    [first, second].map(({ url }) => fetch(`${url}/metrics`).then((page) => page.text())),
  );
  const counts = pages.map((page) => new RegExp(`^plinth_database_reads_total.*"${target}".* (\\d+)$`, 'm').exec(page));
  return counts.reduce((sum, found) => sum + Number(found?.[1] ?? 0), 0);
}

/** How many of these reads the replica has answered. */
async function fromReplica(read: () => Promise<unknown>): Promise<number> {
  const before = await readsOf('replica');
  await read();
  return (await readsOf('replica')) - before;
}

/** Reads on both instances, one after the other on each, until the work is done. */
async function statusesMeanwhile(work: () => Promise<void>): Promise<readonly number[]> {
  const statuses: number[] = [];
  let isOver = false;
  const lanes = [first, second].map(async (client) => {
    while (!isOver) statuses.push((await client.get(REPORT, { as: reader })).status);
  });
  await work().finally(() => (isOver = true));
  await Promise.all(lanes);
  return statuses;
}

async function untilReplicaIsRead(): Promise<void> {
  for (const client of [first, second]) {
    await until(async () => (await fromReplica(() => report(client, reader))) > 0, TRUST_LIMIT_MS);
  }
}

describeWith('redis-server')('two instances with a streaming replica', () => {
  beforeAll(async () => {
    primary = await ThrowAwayPostgres.start();
    forAll.add(() => primary.remove());
    replica = await ThrowAwayPostgres.replicaOf(primary);
    forAll.add(() => replica.remove());
    redis = await ThrowAwayRedis.start();
    forAll.add(() => redis.remove());
    first = await (await aServer()).client();
    second = await (await aServer()).client();
    [writer, reader] = [await anAnalyst('writer'), await anAnalyst('reader')];
  }, HOOK_LIMIT_MS);
  beforeEach(untilReplicaIsRead, HOOK_LIMIT_MS);

  it('replay is paused → the writer sees his order on both instances, others a state that is older and says so', async () => {
    const before = await report(second, reader);
    await replica.query('SELECT pg_wal_replay_pause()');
    try {
      const committedBy = await place();
      const [{ at: placedAt } = { at: committedBy }] = await primary.query<{ at: Date }>(
        'SELECT max(placed_at) AS at FROM orders',
      );
      const others: Report[] = [];
      expect(await fromReplica(async () => others.push(await report(second, reader)))).toBe(1);
      expect(others[0]?.orders).toBe(before.orders);
      expect(others[0]?.asOf.getTime()).toBeLessThanOrEqual(placedAt.getTime());
      for (const client of [first, second]) {
        const own = await report(client, writer);
        expect([own.orders, own.asOf >= committedBy]).toEqual([before.orders + 1, true]);
      }
    } finally {
      await replica.query('SELECT pg_wal_replay_resume()');
    }
    const own = async () => (await fromReplica(() => report(second, writer))) === 1;
    await until(own);
    expect((await report(second, writer)).orders).toBe(before.orders + 1);
  });

  it('orders are placed all the time → each report of the replica has everything committed by its asOf', async () => {
    const committed: Date[] = [];
    const reports: Report[] = [];
    let isOver = false;
    const before = (await report(first, writer)).orders;
    const placing = (async () => {
      while (!isOver) committed.push(await place());
    })();
    const reading = async () => {
      while (reports.length < 60) reports.push(await report(second, reader));
    };
    const answered = await fromReplica(reading).finally(() => (isOver = true));
    await placing;
    expect(answered).toBeGreaterThan(0);
    const missing = reports.filter(({ asOf, orders }) => orders < before + committed.filter((at) => at <= asOf).length);
    expect(missing).toEqual([]);
    expect(reports.at(-1)?.orders).toBeGreaterThan(before);
    expect((await report(second, writer)).orders).toBe(before + committed.length);
  });

  it('the replica computes percentiles → they are kept on the primary, and hold until the next write', async () => {
    await primary.query('DELETE FROM analytics_percentiles');
    const kept = () => primary.query('SELECT p50_cents AS p50 FROM analytics_percentiles');
    await until(async () => {
      await report(second, reader);
      return (await kept()).length > 0;
    });
    expect(await kept()).toEqual([{ p50: '100' }]);
    expect((await report(second, reader)).p50).toBe(100);
  });

  it('its connections → are in the metrics', async () => {
    const page = await (await fetch(`${first.url}/metrics`)).text();
    expect(page).toMatch(/^plinth_database_connections\{pool="replica",state="idle"\} [1-9]/m);
  });

  it.each([
    ['stopped', () => replica.stop(), () => replica.startAgain()],
    ['frozen', async () => replica.freeze(), async () => replica.thaw()],
  ])(
    'the replica is %s under load → no read fails, and it is read again later',
    async (_how, takeAway, giveBack) => {
      const statuses = await statusesMeanwhile(async () => {
        await takeAway();
        try {
          const before = await readsOf('primary');
          await until(async () => (await readsOf('primary')) > before + 5, TRUST_LIMIT_MS);
        } finally {
          await giveBack();
        }
        await untilReplicaIsRead();
      });
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
    },
    HOOK_LIMIT_MS,
  );

  it('Redis is away → nobody knows who has written what, and the primary is read', async () => {
    await redis.stop();
    await until(async () => (await fromReplica(() => report(second, reader))) === 0);
    const orders = (await report(second, reader)).orders;
    await place();
    expect(await fromReplica(async () => expect((await report(second, writer)).orders).toBe(orders + 1))).toBe(0);
  });
});
