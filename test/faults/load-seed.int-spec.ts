import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Cleanups } from '../support/cleanups.js';
import { ledgerFaults } from '../support/orders.js';
import { end } from '../support/processes.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

const [USERS, ORDERS, CHUNK] = [200, 2_000, 10];
const FINISHED_CHUNKS = `SELECT count(*)::int AS count FROM load_seed WHERE part = 'orders'`;

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let dataSource: DataSource;
beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  dataSource = await new DataSource({ type: 'postgres', url: postgres.url }).initialize();
});
afterAll(() => dataSource.destroy());

function startSeed(members: Readonly<Record<string, string>> = {}) {
  const wanted = { users: String(USERS), orders: String(ORDERS), chunk: String(CHUNK), url: postgres.url, ...members };
  const options = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { PATH: process.env['PATH'] };
  const child = spawn(process.execPath, ['test/load/seed.mjs', ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  forAll.add(() => end(child, 'SIGKILL'));
  return child;
}

/** @returns what it said, on both outputs, once it has ended. */
async function seed(members: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = startSeed(members);
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  return said.join('');
}

async function finishedChunks(): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(FINISHED_CHUNKS).catch(() => []);
  return row?.count ?? 0;
}

/** Everything that does not depend on when the seed was started. */
function contents(): Promise<unknown[]> {
  return dataSource.query(`
    SELECT (SELECT count(*) FROM users) AS users, count(*) AS orders, count(DISTINCT o.id) AS ids,
      count(DISTINCT status) AS statuses, count(DISTINCT user_id) > 100 AS "areManyCustomers",
      (SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT FROM order_items WHERE order_id = o.id)) AS "withoutItems",
      (SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT FROM users WHERE id = o.user_id)) AS "withoutUser",
      (SELECT count(*) FROM transactions t JOIN orders o ON o.id = order_id WHERE created_at <= placed_at) AS "tooEarly"
    FROM orders o`);
}

const COMPLETE = [
  {
    users: String(USERS),
    orders: String(ORDERS),
    ids: String(ORDERS),
    statuses: '6',
    areManyCustomers: true,
    withoutItems: '0',
    withoutUser: '0',
    tooEarly: '0',
  },
];

describe('npm run load:seed', () => {
  it('killed in the middle and started again → exactly the rows asked for, and the ledger adds up', async () => {
    const first = startSeed();
    await until(async () => (await finishedChunks()) >= 5, 25_000);
    await end(first, 'SIGKILL');
    expect(await finishedChunks()).toBeLessThan(ORDERS / CHUNK - 5);
    expect(await seed()).toMatch(/ orders more in /);
    expect(await contents()).toEqual(COMPLETE);
    expect(await ledgerFaults(dataSource)).toEqual([]);
  }, 60_000);

  it('started once more → says that it is complete, and adds nothing', async () => {
    expect(await seed()).toContain(`${ORDERS} orders: complete already`);
    expect(await contents()).toEqual(COMPLETE);
  });

  it.each<[string, Record<string, string>, string]>([
    ['another number of orders', { orders: '3000' }, '--users 200 --orders 2000 --days 365: ask for that again'],
    ['an amount that is none', { orders: 'many' }, '--orders must be a whole number from 1'],
    ['triggers neither on nor off', { triggers: 'maybe' }, '--triggers must be on or off'],
  ])('%s → refused, and nothing is added', async (_situation, members, refusal) => {
    expect(await seed(members)).toContain(refusal);
    expect(await contents()).toEqual(COMPLETE);
  });

  it('a database with users of somebody else → refused', async () => {
    await dataSource.query('DROP TABLE load_seed');
    expect(await seed()).toContain('this database has users or orders of somebody else');
    expect(await contents()).toEqual(COMPLETE);
  });
});
