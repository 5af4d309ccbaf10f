import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { aRow, ndjson } from '../support/imports.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

const WORKER = 'dist/apps/api/src/worker.js';
const ADMIN = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };
const ROWS = 12_000;
/** A heartbeat that is missed, somebody who notices, and somebody who takes the job. */
const TAKEN_OVER_MS = 20_000;
const LIMIT_MS = 90_000;

interface JobRow {
  readonly status: string;
  readonly attempt: number;
  readonly failures: number;
  readonly done: number;
  readonly result: Record<string, unknown> | null;
}

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let url: string;
let token = '';
let workers: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  const server = aProcess({ JOBS: 'off' });
  forAll.add(() => server.kill());
  url = `${await server.listening()}/api/v1`;
  await post('/users', JSON.stringify(ADMIN));
  await postgres.query(`UPDATE users SET roles = '{customer,admin}'`);
  const credentials = { grant_type: 'password', username: ADMIN.email, password: ADMIN.password };
  token = (await post<{ access_token: string }>('/auth/token', JSON.stringify(credentials))).access_token;
});

beforeEach(() => {
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.kill();
});

function aProcess(variables: Record<string, string>, entry?: string): ServerProcess {
  const common = { DATABASE_URL: postgres.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', RATE_LIMIT_MAX: '1000000' };
  return ServerProcess.spawn({ variables: { ...common, ...variables }, ...(entry !== undefined && { entry }) });
}

async function aWorker(): Promise<ServerProcess> {
  const worker = aProcess({}, WORKER);
  workers.push(worker);
  await worker.says('working');
  return worker;
}

async function post<T>(path: string, body: string, type = 'application/json'): Promise<T> {
  const headers = { 'Content-Type': type, ...(token !== '' && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** An import that takes some seconds. @param of makes its orders different from those of other tests. */
async function anImport(of: string): Promise<string> {
  const rows = Array.from({ length: ROWS }, (_row, index) => aRow(`${of}-${index}`, ADMIN.email));
  return (await post<{ id: string }>('/process?type=orders.import', ndjson(rows), 'application/x-ndjson')).id;
}

async function jobOf(id: string): Promise<JobRow> {
  const rows = await postgres.query<JobRow & { done: string }>(
    'SELECT status, attempt, failures, progress_done::int AS done, result FROM jobs WHERE id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error('there is no such job');
  return row;
}

async function begun(id: string): Promise<void> {
  await until(async () => (await jobOf(id)).done > 0, LIMIT_MS);
}

async function expectExactly(id: string, of: string): Promise<JobRow> {
  await until(async () => (await jobOf(id)).status === 'succeeded', LIMIT_MS);
  const job = await jobOf(id);
  expect(job.result).toMatchObject({ imported: ROWS, skipped: 0, rejected: 0 });
  const [count] = await postgres.query<{ orders: number }>(
    `SELECT count(*)::int AS orders FROM orders JOIN order_imports ON order_id = id WHERE external_id LIKE $1`,
    [`${of}-%`],
  );
  expect(count?.orders).toBe(ROWS);
  return job;
}

describe('a worker that is killed in the middle of a job', () => {
  it('another one takes the job within 20 s, goes on, and every row is there once', async () => {
    const victim = await aWorker();
    const id = await anImport('killed');
    await begun(id);
    await aWorker();
    victim.signal('SIGKILL');
    const killedAt = Date.now();
    await victim.ended();
    expect((await jobOf(id)).status).toBe('running'); // or the kill came too late
    await until(async () => (await jobOf(id)).attempt === 2, TAKEN_OVER_MS);
    process.stderr.write(`taken over after ${Date.now() - killedAt} ms\n`);
    expect(await expectExactly(id, 'killed')).toMatchObject({ attempt: 2, failures: 0 });
  }, 120_000);
});

describe('a worker that is told to stop in the middle of a job', () => {
  it('hands the job back, ends with 0, and another one goes on at once', async () => {
    const first = await aWorker();
    const id = await anImport('stopped');
    await begun(id);
    first.signal('SIGTERM');
    expect(await first.ended()).toBe('code 0');
    const { status, failures, done } = await jobOf(id);
    expect({ status, failures }).toEqual({ status: 'queued', failures: 0 });
    expect(done).toBeLessThan(ROWS);
    expect(first.said('job').map((line) => line['status'])).toEqual(['handed_back']);
    const second = await aWorker();
    await until(async () => (await jobOf(id)).attempt === 2, 5_000);
    expect(await expectExactly(id, 'stopped')).toMatchObject({ attempt: 2, failures: 0 });
    expect(second.said('job')[0]).toMatchObject({ status: 'succeeded', type: 'orders.import', job: id });
  }, 120_000);

  it('with nothing to do → ends with 0', async () => {
    const worker = await aWorker();
    worker.signal('SIGINT');
    expect(await worker.ended()).toBe('code 0');
  });
});

describe('PostgreSQL that is restarted while a worker works', () => {
  it('the worker stays, the job is finished, and every row is there once', async () => {
    const worker = await aWorker();
    const id = await anImport('restarted');
    await begun(id);
    await postgres.stop();
    await postgres.startAgain();
    await expectExactly(id, 'restarted');
    expect(worker.said('the queue answers again')).toHaveLength(worker.said('the queue does not answer').length);
    const next = await anImport('after'); // it takes jobs as before
    await expectExactly(next, 'after');
  }, 180_000);
});
