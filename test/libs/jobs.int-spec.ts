import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Transaction } from '@app/database';
import { JobLostError } from '@app/jobs';
import { AppError, RequestInvalidError } from '@app/problem';
import { commit, count, type CountRun, effects, gate, makeEffects } from '../support/counting-jobs.js';
import { JobInstance, ORIGIN, TestHandler } from '../support/job-instance.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

let database: TestDatabase;
let instance: JobInstance;
/** What the handlers do: a test replaces it. */
let work: (job: CountRun) => Promise<object>;

beforeAll(async () => {
  database = await createTestDatabase();
  const handler = (name: string, options = {}): TestHandler => new TestHandler(name, (job) => work(job), options);
  instance = await JobInstance.start(database.url, [
    handler('test.count', { retries: 1, concurrency: 2 }),
    handler('test.short', { retries: 0, deadlineS: 0.2 }),
  ]);
  await makeEffects(instance);
});

afterAll(async () => {
  await instance.stop();
  await database.drop();
});

function enqueue(to = 3, type = 'test.count') {
  return instance.jobs.enqueue(type, { to }, ORIGIN);
}

/** All jobs, and all messages of the queue. */
function kept(): Promise<unknown> {
  return instance.dataSource.query('SELECT id FROM jobs UNION ALL SELECT id FROM pgboss.job ORDER BY id');
}

describe('enqueue', () => {
  it('a committed transaction → the job is worked off, with its progress and its result', async () => {
    work = count;
    const { id, status, createdBy } = await enqueue();
    expect({ status, createdBy }).toEqual({ status: 'queued', createdBy: ORIGIN.createdBy });
    const job = await instance.becomes(id, 'succeeded');
    expect(job).toMatchObject({ result: { counted: 3 }, progressDone: 3, progressTotal: 3, attempt: 1, failures: 0 });
    expect(await effects(instance, id)).toEqual([1, 2, 3]);
  });

  it('a transaction that is rolled back → there is no job, and nobody is told of one', async () => {
    work = count;
    const before = await kept();
    const failing = instance.app.get(Transaction).run(async () => {
      await enqueue();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await kept()).toEqual(before);
  });

  it('a payload that its class refuses → 422 with a pointer', async () => {
    const refused = instance.jobs.enqueue('test.count', { to: 'many' }, ORIGIN);
    await expect(refused).rejects.toThrow(RequestInvalidError);
    await expect(refused).rejects.toMatchObject({ errors: [{ pointer: '/to' }] });
  });

  it('a job starts soon after it was enqueued', async () => {
    const times: number[] = [];
    const begun = gate();
    work = async () => {
      times.push(performance.now());
      begun.open();
      return {};
    };
    const enqueuedAt = performance.now();
    await enqueue();
    await begun.opened;
    expect((times[0] ?? Infinity) - enqueuedAt).toBeLessThan(1_500); // shorter than the pause between two polls
  });
});

describe('an attempt that fails', () => {
  it('an error → is repeated after a pause, from its progress', async () => {
    let failures = 0;
    work = async (job) => {
      if (job.progress.done === 0) await commit(job, 1);
      if (failures++ === 0) throw new Error('planted');
      return count(job);
    };
    const { id } = await enqueue();
    const job = await instance.becomes(id, 'succeeded');
    expect(job).toMatchObject({ attempt: 2, failures: 1, result: { counted: 3 } });
    expect(await effects(instance, id)).toEqual([1, 2, 3]);
    const lines = instance.log.lines().filter((line) => line['job'] === id);
    expect(lines.map(({ status, attempt }) => ({ status, attempt }))).toEqual([
      { status: 'repeated', attempt: 1 },
      { status: 'succeeded', attempt: 2 },
    ]);
  });

  it('its commit → nothing of it, when the work in it fails', async () => {
    work = async (job) => {
      await job.commit(
        async (manager) => {
          await manager.query('INSERT INTO effects VALUES ($1, 1)', [job.id]);
          throw new RequestInvalidError([{ pointer: '', code: 'planted', detail: 'Planted.' }]);
        },
        { done: 1 },
      );
      return {};
    };
    const { id } = await enqueue();
    const job = await instance.becomes(id, 'failed');
    expect(job.progressDone).toBe(0);
    expect(await effects(instance, id)).toEqual([]);
  });

  it('an error of ours → fails at once, with its problem', async () => {
    work = () => Promise.reject(new RequestInvalidError([{ pointer: '/to', code: 'planted', detail: 'Planted.' }]));
    const { id } = await enqueue();
    const job = await instance.becomes(id, 'failed');
    expect(job).toMatchObject({ attempt: 1, finishedAt: expect.any(Date) });
    expect(job.problem).toMatchObject({
      code: 'request.invalid',
      instance: `/api/v1/jobs/${id}`,
      requestId: ORIGIN.requestId,
    });
  });

  it('too often → is kept as failed, with a text that tells nothing; a retry goes on where it was', async () => {
    work = async (job) => {
      await commit(job, job.progress.done + 1);
      throw new Error('the password is hunter22');
    };
    const { id } = await enqueue();
    const job = await instance.becomes(id, 'failed');
    expect(job).toMatchObject({ attempt: 2, failures: 2, result: { counted: 2 } });
    expect(job.problem).toMatchObject({ code: 'server.internal', status: 500 });
    expect(JSON.stringify(job.problem)).not.toContain('hunter22');

    work = count;
    const retried = await instance.jobs.retry(id);
    expect(retried).toMatchObject({ status: 'queued', result: null, problem: null, finishedAt: null, failures: 0 });
    expect(await instance.becomes(id, 'succeeded')).toMatchObject({ result: { counted: 3 } });
    expect(await effects(instance, id)).toEqual([1, 2, 3]);
    await expect(instance.jobs.retry(id)).rejects.toMatchObject({ problem: { code: 'job.not_retryable' } });
  });

  it('a result that is no JSON → counts as an error', async () => {
    work = () => Promise.resolve({ count: 1n });
    const { id } = await enqueue();
    expect(await instance.becomes(id, 'failed')).toMatchObject({ attempt: 2 });
  });

  it('longer than its deadline → is told to end, and fails; what it writes later is refused', async () => {
    const late = gate();
    work = async (job) => {
      await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
      await commit(job, 1).catch((error: unknown) => {
        expect(error).toBeInstanceOf(JobLostError);
        late.open();
      });
      return Promise.reject(new Error('ended late'));
    };
    const { id } = await enqueue(3, 'test.short');
    await late.opened;
    expect(await instance.becomes(id, 'failed')).toMatchObject({ attempt: 1, progressDone: 0 });
  });
});

describe('a job that is cancelled', () => {
  it('while it runs → nothing more is committed, and what was is the result', async () => {
    const begun = gate();
    const ended = gate();
    let refusal: unknown;
    work = async (job) => {
      await commit(job, 1);
      begun.open();
      await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
      refusal = await commit(job, 2).catch((error: unknown) => error);
      ended.open();
      throw refusal;
    };
    const { id } = await enqueue();
    await begun.opened;
    const cancelled = await instance.jobs.cancel(id);
    expect(cancelled).toMatchObject({ status: 'cancelled', result: { counted: 1 }, finishedAt: expect.any(Date) });
    await ended.opened;
    expect(refusal).toBeInstanceOf(JobLostError);
    expect(await effects(instance, id)).toEqual([1]);
    expect(await instance.read(id)).toMatchObject({ status: 'cancelled', attempt: 1 });
    await expect(instance.jobs.cancel(id)).rejects.toBeInstanceOf(AppError);
  });

  it('in the middle of a commit → that commit is rolled back', async () => {
    const inside = gate();
    const cancelled = gate();
    const ended = gate();
    work = async (job) => {
      const write = async (manager: { query(text: string, values: unknown[]): Promise<unknown> }): Promise<void> => {
        await manager.query('INSERT INTO effects VALUES ($1, 1)', [job.id]);
        inside.open();
        await cancelled.opened;
      };
      await job.commit(write, { done: 1 }).finally(ended.open);
      return {};
    };
    const { id } = await enqueue();
    await inside.opened;
    await instance.jobs.cancel(id); // does not wait for the work
    cancelled.open();
    await ended.opened;
    expect(await effects(instance, id)).toEqual([]);
    expect(await instance.read(id)).toMatchObject({ status: 'cancelled', progressDone: 0 });
  });

  it('before it runs → no attempt begins', async () => {
    const blocked = gate();
    let attempts = 0;
    work = async () => {
      attempts += 1;
      await blocked.opened;
      return {};
    };
    const running = [await enqueue(), await enqueue()]; // as many as may run at a time
    await until(() => attempts === 2);
    const { id } = await enqueue();
    await instance.jobs.cancel(id);
    blocked.open();
    for (const job of running) await instance.becomes(job.id, 'succeeded');
    const after = await enqueue();
    await instance.becomes(after.id, 'succeeded');
    expect(await instance.read(id)).toMatchObject({ status: 'cancelled', attempt: 0, startedAt: null });
  });
});
