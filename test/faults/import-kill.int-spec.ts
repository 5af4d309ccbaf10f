import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Cleanups } from '../support/cleanups.js';
import { aRow, IMPORTED, ndjson } from '../support/imports.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

/** Each has a database of its own. After a kill it takes a while until the queue gives the job to somebody else. */
const LANES = 4;
const KILLS_PER_LANE = 3;
const ROWS = 6_000;
/** Those that follow are the first ones again. */
const DIFFERENT_ROWS = 5_500;
/** The kill comes at any moment after so many more rows, at most. */
const STRIDE_ROWS = 1_000;
const MOMENTS_MS = 50;
const LIMIT_MS = 120_000;

const ADMIN = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };

const USERS = `
  INSERT INTO users (id, name, email, email_key, roles, password_hash, version)
  SELECT gen_random_uuid(), 'User', 'user-' || n || '@example.com', 'user-' || n || '@example.com', '{customer}', 'x', 1
  FROM generate_series(0, 99) AS n`;

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
});

/** Good rows, and now and then one of every kind that is not. */
function someRows(): (object | string)[] {
  return Array.from({ length: ROWS }, (_, n) => {
    const id = n % DIFFERENT_ROWS;
    const placedAt = new Date(Date.UTC(2026, 0, 1) + id * 60_000).toISOString();
    const row = aRow(`row-${id}`, `user-${id % 100}@example.com`, { placedAt, note: `Row ${id}.` });
    if (n % 97 === 0) return '{"externalId": ';
    if (n % 89 === 0) return '';
    if (n % 83 === 0) return { ...row, currency: 'DEM' };
    if (n % 79 === 0) return { ...row, customerEmail: 'nobody@example.com' };
    return n % 73 === 0 ? { ...row, note: `Row ${id}, ${n}.` } : row;
  });
}

/** A database with users, and servers on it that take jobs. */
class Lane {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async open(name: string): Promise<Lane> {
    await postgres.query(`CREATE DATABASE ${name}`);
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    const server = serverOn(url.href);
    const at = await server.listening();
    await post(`${at}/api/v1/users`, JSON.stringify(ADMIN), { 'Content-Type': 'application/json' });
    const lane = new Lane(url.href, '');
    await lane.query(`UPDATE users SET roles = '{customer,admin}'`);
    await lane.query(USERS);
    const credentials = { grant_type: 'password', username: ADMIN.email, password: ADMIN.password };
    const signedIn = await post(`${at}/api/v1/auth/token`, new URLSearchParams(credentials));
    const { access_token: token }: { access_token: string } = JSON.parse(signedIn);
    await server.kill();
    return new Lane(url.href, token);
  }

  server(): ServerProcess {
    return serverOn(this.url);
  }

  /** @returns id of the job. */
  async import(at: string, rows: readonly (object | string)[]): Promise<string> {
    const headers = { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/x-ndjson' };
    const answer = await post(`${at}/api/v1/process?type=orders.import`, ndjson(rows), headers);
    const { id }: { id: string } = JSON.parse(answer);
    return id;
  }

  async query<Row extends pg.QueryResultRow>(statement: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return (await client.query<Row>(statement, [...parameters])).rows;
    } finally {
      await client.end();
    }
  }

  async job(id: string): Promise<{ status: string; done: number; attempt: number; result: unknown }> {
    const [job] = await this.query<{ status: string; done: string; attempt: number; result: unknown }>(
      'SELECT status, progress_done AS done, attempt, result FROM jobs WHERE id = $1',
      [id],
    );
    if (!job) throw new Error('the job is not there');
    return { ...job, done: Number(job.done) };
  }

  async ended(id: string): Promise<unknown> {
    await until(async () => (await this.job(id)).status === 'succeeded', LIMIT_MS);
    return (await this.job(id)).result;
  }

  /** What all imports together have left. */
  async left(): Promise<unknown> {
    const imported = await this.query(IMPORTED, ['row-%']);
    const [counts] = await this.query(
      `SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM order_items) AS items,
              (SELECT count(*) FROM job_lines) AS lines`,
    );
    return { imported, counts };
  }
}

function serverOn(url: string): ServerProcess {
  const server = ServerProcess.spawn({
    variables: {
      DATABASE_URL: url,
      JWT_KEYS: KEYS,
      DEMO_DATA: 'false',
      DOCS: 'off',
      JOBS: 'inline',
      LOG_LEVEL: 'info',
    },
  });
  forAll.add(() => server.kill());
  return server;
}

async function post(
  url: string,
  body: string | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${url} → ${response.status}: ${await response.text()}`);
  return response.text();
}

/** @returns the result, and how many attempts there were. */
async function killAgainAndAgain(lane: Lane, rows: readonly (object | string)[]) {
  let server = lane.server();
  const id = await lane.import(await server.listening(), rows);
  for (let kill = 0; kill < KILLS_PER_LANE; kill += 1) {
    const { done: before } = await lane.job(id);
    const enough = before + 1 + Math.random() * STRIDE_ROWS;
    await until(async () => (await lane.job(id)).done >= enough, LIMIT_MS);
    await delay(Math.random() * MOMENTS_MS);
    await server.kill();
    server = lane.server();
    await server.listening();
  }
  const result = await lane.ended(id);
  await server.kill();
  return { result, attempts: (await lane.job(id)).attempt };
}

describe(`an import whose worker is killed ${LANES * KILLS_PER_LANE} times`, () => {
  it('started again and again → the rows and the result of one that nobody disturbed', async () => {
    const rows = someRows();
    const calm = await Lane.open('calm');
    const server = calm.server();
    const expected = await calm.ended(await calm.import(await server.listening(), rows));
    await server.kill();
    const left = await calm.left();
    const { imported, skipped, rejected }: Record<string, number> = Object(expected);
    expect([imported, skipped, rejected].every((count) => count !== undefined && count > 0)).toBe(true);

    const outcomes = await Promise.all(
      Array.from({ length: LANES }, async (_, index) => {
        const lane = await Lane.open(`lane_${index}`);
        const { result, attempts } = await killAgainAndAgain(lane, rows);
        expect([result, await lane.left()]).toEqual([expected, left]);
        return attempts;
      }),
    );
    expect(outcomes).toEqual(Array(LANES).fill(KILLS_PER_LANE + 1)); // every kill met a job at work
  }, 600_000);
});

describe('two imports of the same rows', () => {
  it('by two processes at once, in opposite order → each row once, and both tell the truth', async () => {
    const lane = await Lane.open('race');
    const rows = Array.from({ length: 3_000 }, (_, n) => aRow(`row-${n}`, `user-${n % 100}@example.com`));
    const [one, other] = [lane.server(), lane.server()];
    const [at] = await Promise.all([one.listening(), other.listening()]);
    const ids = await Promise.all([lane.import(at, rows), lane.import(at, rows.toReversed())]);
    const results: { imported?: number; skipped?: number; rejected?: number }[] = [];
    for (const id of ids) results.push(Object(await lane.ended(id)));
    const [counts] = await lane.query('SELECT count(*)::int AS orders, count(DISTINCT id)::int AS ids FROM orders');
    expect(counts).toEqual({ orders: 3_000, ids: 3_000 });
    expect(results.map(({ imported = 0, skipped = 0, rejected }) => [imported + skipped, rejected])).toEqual([
      [3_000, 0],
      [3_000, 0],
    ]);
    expect(results.reduce((sum, { imported = 0 }) => sum + imported, 0)).toBe(3_000);
    expect(results.every(({ imported = 0 }) => imported > 0)).toBe(true); // they did meet
  }, 300_000);
});
