// Fills a database with users and orders as a shop has them: npm run load:seed -- --users 1000000 --orders 10000000
import { SingleBar } from 'cli-progress';
import { readArguments, run, UsageError, wholeNumber } from './arguments.mjs';
import { migrate, openDatabase } from './database.mjs';
import { fill, maySkipTriggers } from './seed/fill.mjs';
import { ADMIN, ANALYST, PASSWORD } from './seed/statements.mjs';

const OPTIONS = {
  users: { type: 'string', default: '1000', help: 'users in all; the last two are the analyst and the admin' },
  orders: { type: 'string', default: '10000', help: 'orders in all' },
  days: { type: 'string', default: '365', help: 'length of the period of the orders, which ends now' },
  url: { type: 'string', help: 'PostgreSQL; else that of DATABASE_URL, else the embedded server' },
  chunk: { type: 'string', default: '100k', help: 'orders in a transaction' },
  writers: { type: 'string', default: '2', help: 'connections that write at once' },
  triggers: { type: 'string', default: 'off', help: 'on: sums kept by triggers; off: made at the end, in less time' },
  force: { type: 'boolean', default: false, help: 'beside the users and orders of somebody else' },
};

await run(async () => {
  const given = readArguments('npm run load:seed -- --users 1M --orders 10M', OPTIONS);
  const wanted = {
    users: wholeNumber('users', given.users, 10),
    orders: wholeNumber('orders', given.orders),
    days: wholeNumber('days', given.days),
    chunk: wholeNumber('chunk', given.chunk),
    writers: wholeNumber('writers', given.writers),
    force: given.force,
  };
  const database = await openDatabase(given.url ?? process.env.DATABASE_URL);
  try {
    migrate(database.url);
    await seed(database.url, { ...wanted, triggers: await triggersOf(database.url, given.triggers) });
  } finally {
    await database.stop();
  }
});

async function seed(url, wanted) {
  const bar = new SingleBar({
    format: '[{bar}] {percentage}% | {value} of {total} orders | {duration_formatted}',
    noTTYOutput: true,
  });
  const startedAt = performance.now();
  bar.start(wanted.orders, 0);
  const { made } = await fill(url, wanted, (there) => bar.update(there)).finally(() => bar.stop());
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const what = made === 0 ? 'complete already' : `${made} orders more in ${seconds} s`;
  process.stdout.write(`${wanted.users} users, ${wanted.orders} orders: ${what}\n`);
  process.stdout.write(`sign in as ${ANALYST}, ${ADMIN} or user-<number>@load.example with ${PASSWORD}\n`);
}

async function triggersOf(url, asked) {
  if (asked !== 'on' && asked !== 'off') throw new UsageError('--triggers must be on or off');
  if (asked === 'on' || (await maySkipTriggers(url))) return asked;
  process.stderr.write('not a superuser of the database: the triggers stay on\n');
  return 'on';
}
