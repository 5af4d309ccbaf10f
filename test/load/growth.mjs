// How long analytics take as the history grows: npm run load:growth -- --sizes 10k,100k,1M,10M
import pg from 'pg';
import { readArguments, run, wholeNumber } from './arguments.mjs';
import { databaseOn, throwAwayServer } from './database.mjs';
import { Endings } from './endings.mjs';
import { markdownTable, quantile, short } from './figures.mjs';
import { fill } from './seed/fill.mjs';
import { Server } from './server.mjs';
import { differences } from './verify.mjs';

const OPTIONS = {
  sizes: { type: 'string', default: '10k,100k,1M,10M', help: 'numbers of orders; a tenth as many users' },
  requests: { type: 'string', default: '200', help: 'measured requests for each route and size' },
  days: { type: 'string', default: '365', help: 'length of the period of the orders' },
  url: { type: 'string', help: 'a PostgreSQL that may hold databases plinth_growth_*; else one that is thrown away' },
  keep: { type: 'boolean', default: false, help: 'leave the databases on the server of --url for the next run' },
  verify: {
    type: 'boolean',
    default: false,
    help: 'hold the answers against a recount of the base tables, afterwards',
  },
  triggers: { type: 'string', default: 'off', help: 'on: sums kept by triggers while it seeds' },
};
const WARM_UPS = 5;
const DAY_MS = 86_400_000;

await run(async () => {
  const given = readArguments('npm run load:growth -- --sizes 10k,100k,1M,10M', OPTIONS);
  const sizes = given.sizes.split(',').map((size) => wholeNumber('sizes', size));
  const requests = wholeNumber('requests', given.requests);
  await Endings.after(async (endings) => {
    const url = given.url ?? (await ownServer(sizes, endings));
    const stages = [];
    for (const size of sizes) stages.push(await stage(url, size, { ...given, endings }));
    process.stdout.write(report(stages, await measured(stages, requests)));
    if (given.verify) for (const one of stages) process.stdout.write(await verified(one));
  });
});

async function verified({ size, url, server, customers }) {
  const differing = await differences(url, server, Object.values(customers));
  return `${short(size)}: ${differing.length > 0 ? `wrong: ${differing.join(', ')}` : 'every answer is a recount'}\n`;
}

async function ownServer(sizes, endings) {
  const orders = sizes.reduce((sum, size) => sum + size, 0);
  const server = await throwAwayServer(orders, ['-c', 'shared_buffers=1GB', '-c', 'max_connections=200']);
  endings.add(() => server.stop());
  return server.url;
}

/** A seeded database of one size with a server on it, and the paths that it is asked for. */
async function stage(serverUrl, size, { days, triggers, keep, url, endings }) {
  const database = await databaseOn(serverUrl, `plinth_growth_${size}`);
  if (!keep || !url) endings.add(() => database.drop());
  const wanted = { users: Math.max(10, size / 10), orders: size, days: wholeNumber('days', days), chunk: 100_000 };
  const startedAt = performance.now();
  await fill(database.url, { ...wanted, writers: 2, triggers, force: false });
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stderr.write(`${short(size)} orders seeded in ${seconds.toFixed(1)} s\n`);
  const server = await Server.start(database.url);
  endings.add(() => server.stop());
  const customers = await customersOf(database.url);
  return { size, seconds, server, url: database.url, customers, routes: routesOf(customers) };
}

/** The user with the most orders, and one of those with the fewest. */
async function customersOf(url) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT user_id, count(*)::int AS orders FROM orders GROUP BY user_id ORDER BY orders',
    );
    return { light: rows.at(0).user_id, heavy: rows.at(-1).user_id };
  } finally {
    await client.end();
  }
}

function routesOf({ heavy, light }) {
  const to = new Date();
  const from = new Date(to.getTime() - 364 * DAY_MS);
  const year = `from=${from.toISOString()}&to=${to.toISOString()}`;
  return new Map([
    ['/aggregate', '/aggregate'],
    ['/analytics/revenue, days of a year', `/analytics/revenue?granularity=day&currency=USD&${year}`],
    ['/analytics/customers', '/analytics/customers?currency=USD'],
    ['/analytics/customers, sort=orders', '/analytics/customers?currency=USD&sort=orders'],
    ['/analytics/customers, a year', `/analytics/customers?currency=USD&${year}`],
    ['/analytics/products', '/analytics/products?currency=USD'],
    ['/users/{id}/analytics, heavy', `/users/${heavy}/analytics`],
    ['/users/{id}/analytics, light', `/users/${light}/analytics`],
  ]);
}

/**
 * One request at a time, routes and sizes in turn, so that whatever else the machine does hits them all alike.
 *
 * @returns `{ cold, times }` by size and route; `cold` is the very first request.
 */
async function measured(stages, requests) {
  const found = new Map(
    stages.map(({ size, routes }) => [size, new Map([...routes.keys()].map((name) => [name, { times: [] }]))]),
  );
  const askAll = async (note) => {
    for (const name of stages[0].routes.keys()) {
      for (const { size, server, routes } of stages) {
        const { ms } = await server.get(routes.get(name));
        note(found.get(size).get(name), ms);
      }
    }
  };
  await askAll((entry, ms) => (entry.cold = ms));
  for (let n = 0; n < WARM_UPS; n += 1) await askAll(() => undefined);
  for (let n = 0; n < requests; n += 1) await askAll(({ times }, ms) => times.push(ms));
  return found;
}

function report(stages, found) {
  const [smallest] = stages;
  const head = ['route', ...stages.map(({ size }) => short(size))];
  const rowOf = (name) => {
    const at = (size) => found.get(size).get(name);
    const base = quantile(at(smallest.size).times, 0.95);
    const cells = stages.map(({ size }) => {
      const { cold, times } = at(size);
      const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
      return `${oneDigit(p50)} / ${oneDigit(p95)} (${(p95 / base).toFixed(2)}×), first ${oneDigit(cold)}`;
    });
    return [name, ...cells];
  };
  const seeded = ['seconds to seed', ...stages.map(({ seconds }) => seconds.toFixed(1))];
  const note = 'p50 / p95 in ms (p95 to that of the smallest), and the very first request after the start.\n\n';
  return note + markdownTable(head, [...[...smallest.routes.keys()].map(rowOf), seeded]);
}

function oneDigit(value) {
  return value.toFixed(1);
}
