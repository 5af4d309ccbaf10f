import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobRun } from '@app/jobs';
import { ForbiddenError } from '@app/auth';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { type CountPayload, TestHandler } from '../support/job-instance.js';
import { pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';
import { withHandlers } from '../support/with-handlers.js';

let app: TestApp;
let ada: SignedIn;
let bob: SignedIn;
let admin: SignedIn;
/** What the handlers do: a test replaces it. */
let work: (job: JobRun<CountPayload>) => Promise<object> = () => Promise.resolve({});

class AdminsHandler extends TestHandler {
  override authorize(_payload: CountPayload | undefined, caller: { has(role: string): boolean }): void {
    if (!caller.has('admin')) throw new ForbiddenError('Only admins.');
  }
}

beforeAll(async () => {
  withHandlers(
    new TestHandler('test.count', (job) => work(job), { concurrency: 3, retries: 0 }),
    new AdminsHandler('test.admins', (job) => work(job)),
  );
  app = await TestApp.start({ JOBS: 'inline' });
  [ada, bob, admin] = await Promise.all([app.factory.signedIn(), app.factory.signedIn(), app.factory.admin()]);
});
afterAll(() => app.stop());

const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];

function start(data: object = { to: 3 }, type = 'test.count', as = ada.token): Promise<Reply> {
  return app.client.post('/process', { as, body: { type, data } });
}

async function becomes(id: string, status: string, as = ada.token): Promise<Reply> {
  await until(async () => (await app.client.get(`/jobs/${id}`, { as })).body.status === status);
  return app.client.get(`/jobs/${id}`, { as });
}

async function jobsCount(): Promise<number> {
  const [row]: { count: number }[] = await app.dataSource.query('SELECT count(*) AS count FROM jobs');
  return row?.count ?? Number.NaN;
}

describe('POST /process with JSON', () => {
  it('a job → 202, says where it is, and is worked off', async () => {
    work = async (job) => {
      await job.commit(() => Promise.resolve(), { done: job.payload.to, total: job.payload.to });
      return { counted: job.payload.to, by: 'test' };
    };
    const reply = await start();
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({
      type: 'test.count',
      status: 'queued',
      progress: { done: 0, total: null },
      result: null,
      problem: null,
      startedAt: null,
      finishedAt: null,
    });
    expect(reply.headers).toMatchObject({
      location: `/api/v1/jobs/${reply.body.id}`,
      'retry-after': '1',
      etag: expect.stringMatching(/^"/),
    });
    const job = await becomes(reply.body.id, 'succeeded');
    expect(job.body).toMatchObject({ progress: { done: 3, total: 3 } });
    expect(Object.entries(job.body.result)).toEqual([
      ['counted', 3],
      ['by', 'test'],
    ]); // as the handler has ordered them
    expect(job.headers['cache-control']).toBe('private, no-cache');
  });

  it('request id and user → are in the log line of the job', async () => {
    work = () => Promise.resolve({});
    const headers = { 'X-Request-ID': 'the-request-of-a-job' };
    const reply = await app.client.post('/process', {
      as: ada.token,
      headers,
      body: { type: 'test.count', data: { to: 1 } },
    });
    await until(() => app.log.lines().some((line) => line['job'] === reply.body.id));
    const line = app.log.lines().find((entry) => entry['job'] === reply.body.id);
    expect(line).toMatchObject({ message: 'job', request_id: 'the-request-of-a-job', user_id: ada.id, attempt: 1 });
  });

  it('the same key twice → one job, the same answer', async () => {
    const ask = {
      as: ada.token,
      headers: { 'Idempotency-Key': 'a-key' },
      body: { type: 'test.count', data: { to: 1 } },
    };
    const first = await app.client.post('/process', ask);
    const second = await app.client.post('/process', ask);
    expect([second.status, second.text, second.headers['idempotent-replayed']]).toEqual([202, first.text, 'true']);
    expect(second.headers).toMatchObject({ location: first.headers['location'], 'retry-after': '1' });
    const other = await app.client.post('/process', { ...ask, body: { type: 'test.count', data: { to: 2 } } });
    expect([...verdict(other), other.headers['retry-after']]).toEqual([422, 'idempotency.key_reused', undefined]);
  });

  it.each<[string, object | string, string[]]>([
    ['an unknown type', { type: 'test.nothing', data: {} }, ['/type']],
    ['no type', { data: {} }, ['/type']],
    ['data that its type refuses', { type: 'test.count', data: { to: 'x' } }, ['/data/to']],
    ['no data where some is needed', { type: 'test.count' }, ['/data/to']],
    ['a member that the type does not know', { type: 'test.count', data: { to: 1, x: 1 } }, ['/data/x']],
    ['data that is a list', { type: 'test.count', data: [] }, ['/data']],
    ['an unknown member', { type: 'test.count', data: { to: 1 }, x: 1 }, ['/x']],
    ['a list', '[]', ['']],
  ])('%s → 422 that points at it', async (_situation, body, pointers) => {
    const before = await jobsCount();
    const reply = await app.client.post('/process', { as: ada.token, body });
    expect([...verdict(reply), reply.headers['retry-after']]).toEqual([422, 'request.invalid', undefined]);
    expect(pointersOf(reply)).toEqual(pointers);
    expect(await jobsCount()).toBe(before);
  });

  it('a type in the query → 422, it is for lines', async () => {
    const reply = await app.client.post('/process?type=test.count', { as: ada.token, body: {} });
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [expect.objectContaining({ in: 'query', parameter: 'type' })],
    ]);
  });

  it('who may not start it → 403; nobody → 401', async () => {
    expect(verdict(await start({ to: 1 }, 'test.admins'))).toEqual([403, 'auth.forbidden']);
    expect(verdict(await start({ to: 'data that it refuses' }, 'test.admins'))).toEqual([403, 'auth.forbidden']);
    expect(verdict(await app.client.post('/process', { body: {} }))).toEqual([401, 'auth.token_missing']);
  });

  it('more than the limit of bodies → 413', async () => {
    expect(verdict(await start({ to: 1, x: 'x'.repeat(200_000) }))).toEqual([413, 'request.too_large']);
  });
});

describe('GET /jobs', () => {
  it('own jobs, newest first, by pages and filters; admins see those of everyone', async () => {
    work = () => Promise.resolve({});
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await start({ to: 1 }, 'test.count', bob.token)).body.id);
    for (const id of ids) await becomes(id, 'succeeded', bob.token);
    const headers = { Prefer: 'return=total-count' };
    const first = await app.client.get('/jobs?limit=2&type=test.count&status=succeeded', { as: bob.token, headers });
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.body.page).toMatchObject({ hasMore: true, total: 3 });
    const next = /<\/api\/v1([^>]*)>; rel="next"/.exec(first.headers['link'] ?? '')?.[1] ?? '';
    const second = await app.client.get(next, { as: bob.token });
    expect(second.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect((await app.client.get('/jobs?status=failed', { as: bob.token })).body.data).toEqual([]);
    expect((await app.client.get('/jobs?limit=100', { as: ada.token })).text).not.toContain(ids[0]);
    expect((await app.client.get('/jobs?limit=100', { as: admin.token })).text).toContain(ids[0]);
  });

  it.each(['status=lost', 'limit=0', 'x=1', 'type='])('?%s → 422', async (query) => {
    expect((await app.client.get(`/jobs?${query}`, { as: ada.token })).status).toBe(422);
  });
});

describe('one job', () => {
  it('of another → 404 on every route; of an admin → everything', async () => {
    work = () => Promise.resolve({});
    const { id } = (await start()).body;
    await becomes(id, 'succeeded');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['DELETE', ''],
    ] as const) {
      const headers = path === '' ? {} : { Accept: 'text/event-stream' };
      const reply = await app.client.send(method, `/jobs/${id}${path}`, { as: bob.token, headers });
      expect(verdict(reply)).toEqual([404, 'job.not_found']);
    }
    expect((await app.client.get(`/jobs/${id}`, { as: admin.token })).body.id).toBe(id);
    expect((await app.client.get('/jobs/x', { as: ada.token })).status).toBe(422);
  });

  it('unchanged → 304', async () => {
    work = () => Promise.resolve({});
    const { id } = (await start()).body;
    const { headers } = await becomes(id, 'succeeded');
    const again = await app.client.get(`/jobs/${id}`, {
      as: ada.token,
      headers: { 'If-None-Match': headers['etag'] ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('cancelled while it runs → 200 at once, what is done stays; then 409', async () => {
    let isRunning = false;
    work = async (job) => {
      await job.commit(() => Promise.resolve(), { done: 1, partial: { counted: 1 } });
      isRunning = true;
      await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
      return {};
    };
    const { id } = (await start()).body;
    await until(() => isRunning);
    const cancelled = await app.client.delete(`/jobs/${id}`, { as: ada.token });
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', result: { counted: 1 } } });
    const again = await app.client.delete(`/jobs/${id}`, { as: ada.token });
    expect([...verdict(again), again.body.state]).toEqual([409, 'job.not_cancellable', 'cancelled']);
    expect(again.body.detail).toBe('The job was cancelled; it cannot be cancelled.');
  });

  it('failed → its problem, and a retry by admins alone', async () => {
    work = () => Promise.reject(new Error('planted'));
    const { id } = (await start()).body;
    const failed = await becomes(id, 'failed');
    expect(failed.body.problem).toMatchObject({ code: 'server.internal', instance: `/api/v1/jobs/${id}` });
    expect(verdict(await app.client.post(`/jobs/${id}/retry`, { as: ada.token }))).toEqual([403, 'auth.forbidden']);
    work = () => Promise.resolve({ now: 'well' });
    const retried = await app.client.post(`/jobs/${id}/retry`, { as: admin.token });
    expect([retried.status, retried.body.status, retried.body.problem]).toEqual([202, 'queued', null]);
    expect((await becomes(id, 'succeeded')).body.result).toEqual({ now: 'well' });
    const again = await app.client.post(`/jobs/${id}/retry`, { as: admin.token });
    expect(verdict(again)).toEqual([409, 'job.not_retryable']);
  });
});
