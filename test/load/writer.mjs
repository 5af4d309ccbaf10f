// What the sums cost those who write: npm run load:writer
import pg from 'pg';
import { readArguments, run, wholeNumber } from './arguments.mjs';
import { databaseOn, throwAwayServer } from './database.mjs';
import { Endings } from './endings.mjs';
import { markdownTable, median } from './figures.mjs';
import { fill } from './seed/fill.mjs';
import { Server } from './server.mjs';
import { differences } from './verify.mjs';
import { crowd } from './writer/crowd.mjs';
import { Folding } from './writer/folding.mjs';
import { pay, place, placeMany } from './writer/trades.mjs';

const OPTIONS = {
  url: { type: 'string', help: 'a PostgreSQL that may hold a database plinth_writer; else one that is thrown away' },
  orders: { type: 'string', default: '100k', help: 'orders that are there before' },
  rounds: { type: 'string', default: '6', help: 'rounds with the triggers, and as many without' },
  round: { type: 'string', default: '2', help: 'seconds of a round' },
  seconds: { type: 'string', default: '60', help: 'of the crowd of 32 writers; 0: without it' },
};
const TABLES = ['users', 'orders', 'order_items', 'transactions'];
const BULK = 10_000;

const CASES = [
  { name: 'an order with three lines', writers: [1, 32], act: (client, userId) => place(client, { userId }) },
  {
    name: 'the same, and its payment',
    writers: [1, 32],
    act: async (client, userId) => pay(client, { id: await place(client, { userId }) }),
  },
  { name: `${BULK} orders by INSERT … SELECT`, writers: [1, 4], act: (client) => placeMany(client, BULK) },
];

await run(async () => {
  const given = readArguments('npm run load:writer -- --seconds 60', OPTIONS);
  const [orders, rounds, roundMs, seconds] = [
    wholeNumber('orders', given.orders),
    wholeNumber('rounds', given.rounds),
    1_000 * wholeNumber('round', given.round),
    wholeNumber('seconds', given.seconds, 0),
  ];
  await Endings.after(async (endings) => {
    const url = await seeded({ orders, url: given.url, endings });
    process.stdout.write(await overhead(url, { rounds, roundMs }));
    if (seconds === 0) return;
    for (const shifts of [false, true]) process.stdout.write(told(await crowded(url, { seconds, shifts }), shifts));
    process.stdout.write(await verified(url));
  });
});

async function seeded({ orders, url, endings }) {
  let server = url;
  if (!server) {
    const own = await throwAwayServer(10 * orders, ['-c', 'shared_buffers=512MB', '-c', 'max_connections=100']);
    endings.add(() => own.stop());
    server = own.url;
  }
  const database = await databaseOn(server, 'plinth_writer');
  endings.add(() => database.drop());
  const users = Math.max(100, Math.floor(orders / 10));
  await fill(database.url, { users, orders, days: 365, chunk: 100_000, writers: 2, triggers: 'off', force: false });
  return database.url;
}

/** Rounds with and without triggers in turn, first one then the other first, so that what grows or tires hits both. */
async function overhead(url, { rounds, roundMs }) {
  const rows = [];
  for (const { name, writers: numbers, act } of CASES) {
    for (const writers of numbers) {
      const found = { on: [], off: [] };
      for (const triggers of turns(rounds)) found[triggers].push(await round(url, { triggers, writers, roundMs, act }));
      rows.push([`${name}, ${writers} writer${writers > 1 ? 's' : ''}`, ...compared(found)]);
      process.stderr.write(`${rows.at(-1).join(' | ')}\n`);
    }
  }
  await setTriggers(url, 'on');
  await mend(url); // what the rounds without triggers have written
  return markdownTable(['', 'p50 without', 'p50 with', 'ratio', 'per second without', 'with', 'ratio'], rows);
}

function turns(rounds) {
  return Array.from({ length: rounds }, (_, n) => (n % 2 === 0 ? ['on', 'off'] : ['off', 'on'])).flat();
}

/** Medians of the rounds. */
function compared({ on, off }) {
  const p50 = (rounds) => median(rounds.map(({ times }) => median(times)));
  const rate = (rounds) => median(rounds.map(({ perSecond }) => perSecond));
  const slower = p50(on) / p50(off);
  const fewer = rate(off) / rate(on);
  return [
    `${p50(off).toFixed(2)} ms`,
    `${p50(on).toFixed(2)} ms`,
    `${slower.toFixed(2)}×`,
    rate(off).toFixed(1),
    rate(on).toFixed(1),
    `${fewer.toFixed(2)}×`,
  ];
}

async function round(url, { triggers, writers, roundMs, act }) {
  await setTriggers(url, triggers);
  const folding = triggers === 'on' ? await Folding.start(url) : undefined;
  const clients = await Promise.all(Array.from({ length: writers }, () => connected(url)));
  const { rows } = await clients[0].query('SELECT id FROM users LIMIT 1000');
  const times = [];
  const startedAt = performance.now();
  const write = async (client, lane) => {
    for (let n = lane; performance.now() - startedAt < roundMs; n += writers) {
      const before = performance.now();
      await act(client, rows[n % rows.length].id);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(clients.map(write));
  const perSecond = times.length / ((performance.now() - startedAt) / 1_000);
  await Promise.all(clients.map((client) => client.end()));
  await folding?.stop();
  return { times, perSecond };
}

async function setTriggers(url, triggers) {
  const client = await connected(url);
  for (const table of TABLES) {
    await client.query(`ALTER TABLE ${table} ${triggers === 'on' ? 'ENABLE' : 'DISABLE'} TRIGGER USER`);
  }
  await client.end();
}

async function mend(url) {
  const client = await connected(url);
  await client.query('SELECT analytics_mend()');
  await client.end();
}

async function connected(url) {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

async function crowded(url, options) {
  const folding = await Folding.start(url);
  try {
    return await crowd(url, { writers: 32, ...options });
  } finally {
    await folding.stop();
  }
}

async function verified(url) {
  const server = await Server.start(url);
  try {
    const differing = await differences(url, server, []);
    return differing.length > 0 ? `wrong: ${differing.join(', ')}\n` : 'every answer is a recount of the base tables\n';
  } finally {
    await server.stop();
  }
}

function told({ operations, seconds, errors, waits }, shifts) {
  const listed = (counts) => Object.entries(counts).map(([what, count]) => `${what} × ${count}`);
  const other = Object.entries(errors).filter(([code]) => code !== '40P01' && code !== '40001');
  return `
32 writers, ${seconds} s${shifts ? ', also moving orders in time' : ''}: ${operations} operations
deadlocks: ${errors['40P01'] ?? 0}, serialization failures: ${errors['40001'] ?? 0}
other errors: ${listed(Object.fromEntries(other)).join(', ') || 'none'}
samples with a wait for a lock: ${listed(waits).join('; ') || 'none'}
`;
}
