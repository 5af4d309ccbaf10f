import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Job, type JobRun } from '@app/jobs';
import { JobWatch } from '../../apps/api/src/processing/job-watch.js';
import type { SignedIn } from '../support/factory.js';
import { EventStream } from '../support/event-stream.js';
import { type CountPayload, TestHandler } from '../support/job-instance.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';
import { withHandlers } from '../support/with-handlers.js';

let app: TestApp;
let ada: SignedIn;
let steps: PromiseWithResolvers<void>[];

/** Each step waits for the test. */
async function work(job: JobRun<CountPayload>): Promise<object> {
  for (let done = 1; done <= job.payload.to; done += 1) {
    await steps[done]?.promise;
    await job.commit(() => Promise.resolve(), { done, total: job.payload.to });
  }
  return { done: job.payload.to };
}

beforeAll(async () => {
  withHandlers(new TestHandler('test.count', work, { concurrency: 5 }));
  app = await TestApp.start({ JOBS: 'inline' });
  ada = await app.factory.signedIn();
});
beforeEach(() => {
  steps = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
});
afterAll(async () => {
  for (const step of steps) step.resolve(); // no job is left that would have to be waited for
  await app.stop();
});

const follow = (id: string, headers: Record<string, string> = {}) =>
  EventStream.open(app.client, `/jobs/${id}/events`, { as: ada.token, headers });

async function aJob(to = 3): Promise<string> {
  const reply = await app.client.post('/process', { as: ada.token, body: { type: 'test.count', data: { to } } });
  return reply.body.id;
}

describe('GET /jobs/{id}/events', () => {
  it('a job that goes on → its states as they come, then done, and the stream ends', async () => {
    const stream = await follow(await aJob());
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    for (const done of [1, 2, 3]) {
      steps[done]?.resolve();
      await until(() => stream.events.some(({ data }) => data.progress.done === done));
    }
    const events = await stream.ended();
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'succeeded', result: { done: 3 } } });
    expect(new Set(events.slice(0, -1).map(({ event }) => event))).toEqual(new Set(['progress']));
    const ids = events.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('a job that has ended → done, and the end', async () => {
    for (const step of steps) step.resolve();
    const id = await aJob();
    await until(async () => (await app.client.get(`/jobs/${id}`, { as: ada.token })).body.status === 'succeeded');
    const events = await (await follow(id)).ended();
    expect(events.map(({ event }) => event)).toEqual(['done']);
  });

  it('Last-Event-ID → nothing again that was seen', async () => {
    const id = await aJob();
    steps[1]?.resolve();
    const first = await follow(id);
    await until(() => first.events.some(({ data }) => data.progress.done === 1));
    first.close();
    const lastId = first.events.at(-1)?.id ?? 0;
    const second = await follow(id, { 'Last-Event-ID': String(lastId) });
    await until(() => second.comments > 0); // it is open, and has said nothing
    expect(second.events).toEqual([]);
    for (const step of steps) step.resolve();
    const events = await second.ended();
    expect(events.every((event) => event.id > lastId)).toBe(true);
    expect(events.at(-1)?.event).toBe('done');
  });

  it('a reader with an older state joins one that has a newer → each hears each state once', async () => {
    const [watch, rows] = [app.app.get(JobWatch, { strict: false }), app.dataSource.getRepository(Job)];
    const id = await aJob(2);
    const old = await rows.findOneByOrFail({ id });
    const heard: [number[], number[]] = [[], []];
    const unwatch = [watch.watch(old, (job) => heard[0].push(job?.revision ?? 0))];
    steps[1]?.resolve();
    await until(async () => {
      const { progressDone, revision } = await rows.findOneByOrFail({ id });
      return progressDone === 1 && heard[0].at(-1) === revision;
    });
    unwatch.push(watch.watch(old, (job) => heard[1].push(job?.revision ?? 0)));
    await until(() => heard[1].length > 0);
    expect(heard[0]).toEqual([...new Set(heard[0])]);
    for (const end of unwatch) end();
    for (const step of steps) step.resolve();
  });

  it('a reader that goes away → leaves nothing that is asked for', async () => {
    const stream = await follow(await aJob());
    const asked = async (): Promise<number> => {
      const [row]: { calls: number }[] = await app.dataSource.query(
        `SELECT count(*) AS calls FROM pg_stat_activity WHERE query LIKE '%"Job"."id" IN%' AND datname = current_database()`,
      );
      return row?.calls ?? 0;
    };
    await until(async () => (await asked()) > 0);
    stream.close();
    await until(() =>
      app.log.lines().some((line) => line['route'] === '/api/v1/jobs/:id/events' && line['aborted'] === true),
    );
    for (const step of steps) step.resolve();
    expect(stream.events.every(({ event }) => event === 'progress')).toBe(true);
  });

  it('a caller that takes no events → 406', async () => {
    const id = await aJob(0);
    const reply = await app.client.get(`/jobs/${id}/events`, {
      as: ada.token,
      headers: { Accept: 'application/json' },
    });
    expect([reply.status, reply.body.code]).toEqual([406, 'request.not_acceptable']);
  });

  it('HEAD → headers, and the end', async () => {
    const id = await aJob();
    const reply = await app.client.head(`/jobs/${id}/events`, { as: ada.token });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    for (const step of steps) step.resolve();
  });

  it('the server stops → streams end, without done', async () => {
    const other = await TestApp.start({}, app.database);
    const id = await aJob();
    const stream = await EventStream.open(other.client, `/jobs/${id}/events`, { as: ada.token });
    await other.app.close();
    expect((await stream.ended()).some(({ event }) => event === 'done')).toBe(false);
    for (const step of steps) step.resolve();
  });
});
