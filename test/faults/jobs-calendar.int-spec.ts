import { expect, it } from '@jest/globals';
import { JobHandler } from '@app/jobs';
import { Allow } from 'class-validator';
import { Cleanups } from '../support/cleanups.js';
import { JobInstance } from '../support/job-instance.js';
import { createTestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

const cleanups = Cleanups.afterEach();
/** Two full minutes, and the period in which the calendar is looked at. */
const LIMIT_MS = 190_000;

class Nothing {
  @Allow()
  readonly nothing?: string;
}

class EachMinute extends JobHandler<Nothing> {
  static runs = 0;
  readonly type = { name: 'test.minute', payload: Nothing, cron: '* * * * *' };

  authorize(): void {}

  run(): Promise<object> {
    EachMinute.runs += 1;
    return Promise.resolve({});
  }
}

interface Minute {
  readonly count: number;
  readonly status: string;
}

const MINUTES = `
  SELECT count(*)::int AS count, min(status) AS status FROM jobs
  WHERE created_by IS NULL GROUP BY date_trunc('minute', created_at)`;

it(
  'a type of the calendar, in two instances → one job a minute, that is seen like any other',
  async () => {
    const database = await createTestDatabase();
    cleanups.add(() => database.drop());
    const first = await JobInstance.start(database.url, [new EachMinute()]);
    cleanups.add(() => first.stop());
    const second = await JobInstance.start(database.url, [new EachMinute()]);
    cleanups.add(() => second.stop());
    const minutes = (): Promise<Minute[]> => first.dataSource.query(MINUTES);
    await until(async () => (await minutes()).length === 2, LIMIT_MS);
    await until(async () => (await minutes()).every(({ status }) => status === 'succeeded'));
    expect(await minutes()).toEqual([
      { count: 1, status: 'succeeded' },
      { count: 1, status: 'succeeded' },
    ]);
    expect(EachMinute.runs).toBe(2);
  },
  LIMIT_MS + 20_000,
);
