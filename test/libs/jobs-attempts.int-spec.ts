import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseStartError } from '@app/database';
import { JobLostError, JobSweeper } from '@app/jobs';
import { register } from 'prom-client';
import { commit, count, type CountRun, effects, gate, makeEffects } from '../support/counting-jobs.js';
import { HeldLock } from '../support/held-lock.js';
import { JobInstance, ORIGIN, TestHandler } from '../support/job-instance.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/test-database.js';
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
    handler('test.lines', { takesLines: true }),
    handler('test.brief', { keptForS: 3_600 }),
  ]);
  await makeEffects(instance);
});

afterAll(async () => {
  await instance.stop();
  await database.drop();
});

function enqueue(to = 3) {
  return instance.jobs.enqueue('test.count', { to }, ORIGIN);
}

describe('an attempt that others believe dead', () => {
  it('a zombie → commits nothing beside the attempt that took its job', async () => {
    const first = gate();
    const second = gate();
    let zombie: Promise<unknown> = Promise.resolve();
    let attempts = 0;
    work = async (job) => {
      attempts += 1;
      if (attempts > 1) return count(job);
      await commit(job, 1);
      first.open();
      await second.opened;
      zombie = commit(job, 99).catch((error: unknown) => error); // a step that nobody else takes
      await zombie;
      return {};
    };
    const { id } = await enqueue();
    await first.opened;
    // What the queue does when no heartbeat comes.
    await instance.dataSource.query(
      `UPDATE pgboss.job SET state = 'retry' WHERE state = 'active' AND name = 'test.count'`,
    );
    const job = await instance.becomes(id, 'succeeded');
    second.open();
    await until(async () => (await zombie) instanceof JobLostError);
    expect(job).toMatchObject({ attempt: 2, failures: 0, result: { counted: 3 } });
    expect(await effects(instance, id)).toEqual([1, 2, 3]);
    expect(await instance.read(id)).toMatchObject({ result: { counted: 3 }, attempt: 2 });
  });

  it('a message that comes again after the job has ended → no work', async () => {
    let attempts = 0;
    work = async () => {
      attempts += 1;
      return {};
    };
    const { id } = await enqueue();
    const { delivery } = await instance.becomes(id, 'succeeded');
    await until(async () => (await stateOf(delivery)) === 'completed');
    await instance.dataSource.query(`UPDATE pgboss.job SET state = 'retry', completed_on = NULL WHERE id = $1`, [
      delivery,
    ]);
    await until(async () => (await stateOf(delivery)) === 'completed');
    expect({ attempts, attempt: (await instance.read(id)).attempt }).toEqual({ attempts: 1, attempt: 1 });
  });
});

async function stateOf(delivery: string): Promise<string | undefined> {
  const [row]: { state: string }[] = await instance.dataSource.query('SELECT state FROM pgboss.job WHERE id = $1', [
    delivery,
  ]);
  return row?.state;
}

describe('a body of lines', () => {
  async function* chunked(text: string, size: number): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('is read in parts, from any line on, without empty lines, and removed at the end', async () => {
    const lines = Array.from({ length: 30_000 }, (_line, index) => (index % 10 === 4 ? '' : `{"line":${index + 1}}`));
    const text = lines.join('\r\n');
    const seen: number[] = [];
    const rest: number[] = [];
    work = async (job) => {
      for await (const { number, text: line } of job.lines()) {
        expect(line).toBe(`{"line":${number}}`);
        seen.push(number);
      }
      for await (const { number } of job.lines(29_990)) rest.push(number);
      return {};
    };
    const { id } = await instance.jobs.enqueueLines('test.lines', { read: () => chunked(text, 60_000) }, ORIGIN);
    const parts: { count: number }[] = await instance.dataSource.query(
      'SELECT count(*) AS count FROM job_lines WHERE job_id = $1',
      [id],
    );
    await instance.becomes(id, 'succeeded');
    expect(seen).toEqual(lines.flatMap((line, index) => (line === '' ? [] : [index + 1])));
    expect(rest).toEqual([29_991, 29_992, 29_993, 29_994, 29_996, 29_997, 29_998, 29_999, 30_000]);
    expect(Number(parts[0]?.count)).toBeGreaterThan(1);
    expect(await instance.dataSource.query('SELECT FROM job_lines WHERE job_id = $1', [id])).toEqual([]);
  });

  it('lines, and a part that has none → the total is known from the beginning, and is where the last line is', async () => {
    const text = `{}\n{}\n\n{}${'\n \r'.repeat(200_000)}`;
    const total = 4;
    let last = 0;
    work = async (job) => {
      for await (const { number } of job.lines()) last = number;
      await job.commit(() => Promise.resolve(), { done: last });
      return {};
    };
    const queued = await instance.jobs.enqueueLines('test.lines', { read: () => chunked(text, 60_000) }, ORIGIN);
    expect(queued).toMatchObject({ status: 'queued', progressTotal: total });
    expect(await instance.becomes(queued.id, 'succeeded')).toMatchObject({ progressDone: last, progressTotal: total });
  });
});

describe('jobs that ended long ago', () => {
  const sweep = (): Promise<number> => instance.app.get(JobSweeper, { strict: false }).sweep();
  /** @param ended an interval; null while it has not. */
  const aJob = async (type: string, status: string, [created, ended]: [string, string | null]): Promise<string> => {
    const [row]: { id: string }[] = await instance.dataSource.query(
      `INSERT INTO jobs (id, type, status, request_id, delivery, created_at, finished_at)
       VALUES (gen_random_uuid(), $1, $2, 'old', gen_random_uuid(), now() - $3::interval, now() - $4::interval)
       RETURNING id`,
      [type, status, created, ended],
    );
    return row?.id ?? '';
  };
  const left = async (): Promise<string[]> => {
    const rows: { id: string }[] = await instance.dataSource.query(`SELECT id FROM jobs WHERE request_id = 'old'`);
    return rows.map(({ id }) => id).toSorted();
  };

  it('after 30 days, or as their type says → are removed, and no others', async () => {
    await aJob('test.count', 'succeeded', ['31 days', '30 days']);
    await aJob('a.type.of.before', 'cancelled', ['31 days', '30 days']);
    await aJob('test.brief', 'succeeded', ['2 hours', '1 hour']);
    const kept = [
      await aJob('test.count', 'succeeded', ['31 days', '29 days']),
      await aJob('test.count', 'queued', ['31 days', null]),
      await aJob('test.count', 'succeeded', ['2 hours', '1 hour']),
      await aJob('test.brief', 'failed', ['2 hours', '59 minutes']),
    ];
    expect(await sweep()).toBe(3);
    expect(await left()).toEqual(kept.toSorted());
    await instance.dataSource.query(`DELETE FROM jobs WHERE request_id = 'old'`);
  });

  it('swept by two at once → all are removed, each once, with the lines of those that have failed', async () => {
    for (let n = 0; n < 120; n += 1) await aJob('test.lines', 'failed', ['40 days', '31 days']);
    const lines = `INSERT INTO job_lines SELECT id, 0, 1, 'a' FROM jobs WHERE request_id = 'old'`;
    await instance.dataSource.query(lines);
    const [first, second] = await Promise.all([sweep(), sweep()]);
    expect(first + second).toBe(120);
    expect(await instance.dataSource.query('SELECT FROM job_lines')).toEqual([]);
  });

  it('run again at the same moment → left by the sweep, which does not wait', async () => {
    const id = await aJob('test.count', 'failed', ['40 days', '31 days']);
    const retry = `UPDATE jobs SET status = 'queued', finished_at = NULL WHERE id = '${id}'`;
    await HeldLock.during(database.url, retry, async (lock) => {
      expect(await sweep()).toBe(0);
      await lock.commit();
    });
    expect([await sweep(), await left()]).toEqual([0, [id]]);
    await instance.dataSource.query('DELETE FROM jobs WHERE id = $1', [id]);
  });
});

describe('plinth_jobs_queued', () => {
  const waiting = async (): Promise<Record<string, number>> => {
    const metric = await register.getSingleMetric('plinth_jobs_queued')?.get();
    return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels['type'], value]));
  };

  it('jobs that wait → counted by type; those that run or have ended are not', async () => {
    expect(await waiting()).toEqual({ 'test.count': 0, 'test.lines': 0, 'test.brief': 0 });
    await instance.dataSource.query(
      `INSERT INTO jobs (id, type, status, request_id, delivery, finished_at)
       SELECT gen_random_uuid(), type, status, 'waiting', gen_random_uuid(), finished_at
       FROM (VALUES ('test.count', 'queued', NULL), ('test.count', 'queued', NULL), ('another', 'queued', NULL),
         ('test.lines', 'running', NULL), ('test.lines', 'failed', now())) AS given (type, status, finished_at)`,
    );
    expect(await waiting()).toEqual({ 'test.count': 2, 'test.lines': 0, 'test.brief': 0, another: 1 });
    await instance.dataSource.query(`DELETE FROM jobs WHERE request_id = 'waiting'`);
  });

  it('the database does not answer → there is no number, soon; then there is one again', async () => {
    await HeldLock.during(database.url, 'LOCK TABLE jobs', async (lock) => {
      const [first, second] = await Promise.all([waiting(), waiting()]);
      expect([first, second]).toEqual([{}, {}]);
      await lock.waiters(1); // who asks twice does not wait on two connections
    });
    await until(async () => 'test.count' in (await waiting()));
  });
});

describe('the log of a job', () => {
  it('lines of the handler and of its end → carry the user and the request that asked for it', async () => {
    work = count;
    const { id } = await enqueue(1);
    await instance.becomes(id, 'succeeded');
    await until(() => instance.log.lines().some((line) => line['job'] === id));
    const line = instance.log.lines().find((entry) => entry['job'] === id);
    expect(line).toMatchObject({
      message: 'job',
      job: id,
      type: 'test.count',
      status: 'succeeded',
      attempt: 1,
      duration_ms: expect.any(Number),
      request_id: ORIGIN.requestId,
      user_id: ORIGIN.createdBy,
    });
  });
});

describe('the start', () => {
  it('two handlers of one type → refused', async () => {
    const handlers = [new TestHandler('test.twice', count), new TestHandler('test.twice', count)];
    await expect(JobInstance.start(database.url, handlers)).rejects.toThrow('both take test.twice');
  });

  it('the queue has no tables, and nobody may make them → refused with the remedy', async () => {
    const empty = await createEmptyDatabase();
    await expect(JobInstance.start(empty.url, [])).rejects.toThrow(DatabaseStartError);
    await empty.drop();
  });
});
