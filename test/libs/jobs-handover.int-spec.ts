import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobLostError } from '@app/jobs';
import { commit, type CountRun, effects, makeEffects } from '../support/counting-jobs.js';
import { HeldLock } from '../support/held-lock.js';
import { JobInstance, ORIGIN, TestHandler } from '../support/job-instance.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

/** Rows can be read, and not written: who takes a job waits. */
const LOCK = 'LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE';

let database: TestDatabase;
/** Only lets others work. */
let quiet: JobInstance;
/** What the handlers do: a test replaces it. */
let work: (job: CountRun) => Promise<object>;

const handlers = () => [new TestHandler('test.count', (job) => work(job))];

beforeAll(async () => {
  database = await createTestDatabase();
  quiet = await JobInstance.start(database.url, handlers(), { takesJobs: false });
  await makeEffects(quiet);
});

afterAll(async () => {
  await quiet.stop();
  await database.drop();
});

const enqueue = () => quiet.jobs.enqueue('test.count', { to: 1 }, ORIGIN);

describe('a job that is being taken', () => {
  it('by two at the same moment → is held by the later one, and the other commits nothing', async () => {
    const bothBegun = Promise.withResolvers<void>();
    const errors: unknown[] = [];
    let attempts = 0;
    work = async (job) => {
      attempts += 1;
      const step = attempts;
      if (attempts === 2) bothBegun.resolve();
      await bothBegun.promise;
      await commit(job, step).catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
      return {};
    };
    const { id } = await enqueue();
    const instances: JobInstance[] = [];
    await HeldLock.during(database.url, LOCK, async (lock) => {
      instances.push(await JobInstance.start(database.url, handlers()));
      await lock.waiters(1);
      await quiet.dataSource.query(`UPDATE pgboss.job SET state = 'retry' WHERE state = 'active'`);
      instances.push(await JobInstance.start(database.url, handlers()));
      await lock.waiters(2);
      await lock.commit();
    });
    expect(await quiet.becomes(id, 'succeeded')).toMatchObject({ attempt: 2 });
    await until(() => errors.length > 0);
    expect([errors, (await effects(quiet, id)).length]).toEqual([[expect.any(JobLostError)], 1]);
    for (const instance of instances) await instance.stop();
  });

  it('by a process that stops → is handed back, and its handler is not begun', async () => {
    let attempts = 0;
    work = (job) => {
      attempts += 1;
      return new Promise((_resolve, reject) => job.signal.addEventListener('abort', () => reject(new JobLostError())));
    };
    const { id } = await enqueue();
    await HeldLock.during(database.url, LOCK, async (lock) => {
      const instance = await JobInstance.start(database.url, handlers());
      await lock.waiters(1);
      const stopped = instance.stop();
      await lock.waiters(1); // by now its attempts were told
      await lock.commit();
      await stopped;
    });
    expect(await quiet.read(id)).toMatchObject({ status: 'queued', attempt: 1, failures: 0, interruptions: 0 });
    expect(attempts).toBe(0);
  });
});
