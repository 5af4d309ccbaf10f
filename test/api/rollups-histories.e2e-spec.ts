import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnalyticsAnswers } from '../support/analytics-answers.js';
import { BULK_WRITES } from '../support/bulk-writes.js';
import { isRefusal, STEP, World } from '../support/history.js';
import { TestApp } from '../support/test-app.js';

/** Another seed is another set of histories; a failure prints the one that it came with. */
const SEED = Number(process.env['HISTORY_SEED'] ?? 2026);
const [RUNS, STEPS, LIMIT_MS] = [12, 10, 6_000];
const [WRITERS, STEPS_PER_WRITER] = [8, 12];
/** Fewer than a writer tries again, even if all of them hit the same one. */
const KILLS = 15;

let app: TestApp;
let world: World;
let answers: AnalyticsAnswers;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  world = await new World(app).begin();
  await world.grow();
  await world.grow();
  const { token } = await app.factory.admin(); // who also sees the figures of deleted users
  answers = new AnalyticsAnswers(app, token);
});
afterAll(() => app.stop());

const expectExact = () => answers.expectExact(world.userIds);

describe('every analytics answer is a recount of the base tables', () => {
  it('from the beginning', expectExact);

  it.each(Object.keys(BULK_WRITES).map((what, number) => [number, what] as const))(
    'after bulk write %i: %s',
    async (number, what) => {
      for (const a of [0, 2, 4]) await world.act({ what, a, b: 300 + 13 * number + a });
      await expectExact();
    },
  );

  it('after each step of random histories of requests and bulk writes', async () => {
    await world.grow();
    const histories = fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: STEPS }), async (steps) => {
      for (const step of steps) {
        await world.act(step);
        await expectExact();
      }
    });
    // Each history goes on where the last one ended, so a failure is not run again with less.
    const bounds = { interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: false, endOnFailure: true };
    await fc.assert(histories, { seed: SEED, numRuns: RUNS, ...bounds });
    expect(world.failures).toEqual([]);
  }, 60_000);

  it(`after ${WRITERS} random histories at once, with a reader, and with writers that are killed`, async () => {
    await world.grow();
    const steps = fc.sample(STEP, { seed: SEED, numRuns: WRITERS * STEPS_PER_WRITER });
    let isOver = false;
    const writer = async (_: unknown, lane: number): Promise<void> => {
      for (const step of steps.filter((__, n) => n % WRITERS === lane)) await world.act(step).catch(exceptRefusal);
    };
    const read = async (): Promise<void> => {
      while (!isOver) await world.send('GET', '/analytics/revenue?currency=USD');
    };
    const kill = async (): Promise<void> => {
      for (let n = 0; n < KILLS && !isOver; n += 1) await world.sql(KILL_A_WRITER);
    };
    const others = [read(), kill()];
    const ends = await Promise.allSettled(Array.from({ length: WRITERS }, writer));
    isOver = true;
    await Promise.all(others);
    expect([ends.filter(({ status }) => status === 'rejected'), world.failures]).toEqual([[], []]);
    await expectExact();
  }, 60_000);

  it('after orders came by COPY', async () => {
    const [row] = await app.dataSource.query<{ line: string }[]>(
      `SELECT concat_ws(',', gen_random_uuid(), user_id, 'pending', 'USD', 12345, 1) AS line FROM orders LIMIT 1`,
    );
    const columns = 'id, user_id, status, currency, total_cents, version';
    await world.sql(`COPY orders (${columns}) FROM PROGRAM 'echo ${row?.line}' WITH (FORMAT csv)`);
    await expectExact();
  });

  it.each(['transactions', 'order_items', 'orders CASCADE'])('after TRUNCATE %s', async (tables) => {
    await world.sql(`TRUNCATE ${tables}`);
    await expectExact();
  });

  it('after a new beginning', async () => {
    await world.begin();
    await expectExact();
  });
});

function exceptRefusal(error: unknown): void {
  if (!isRefusal(error)) throw error;
}

/** One of the connections that write past the application, if there is one at work. */
const KILL_A_WRITER = `
  SELECT pg_sleep(0.1);
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'history' AND state = 'active' AND pid <> pg_backend_pid()
  ORDER BY random() LIMIT 1`;
