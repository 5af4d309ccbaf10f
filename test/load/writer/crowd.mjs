import { setInterval as every } from 'node:timers/promises';
import pg from 'pg';
import { changeLines, pay, place, placeMany, refund, remove, shift, toggleUser } from './trades.mjs';

const CURRENCIES = ['USD', 'EUR', 'GBP'];
const SAMPLE_MS = 50;
/** Orders that a writer keeps before it deletes the oldest. */
const KEPT = 40;

/**
 * Writers that never touch the same order or the same user row, but write orders of the same users, products, currencies
 * and days. So whatever one waits for, or dies of, is a lock of the sums.
 *
 * @param shifts whether they also move orders in time, which the application never does.
 * @returns `{ operations, seconds, errors, waits }`: errors by SQLSTATE; samples in which a connection waited for a lock.
 */
export async function crowd(url, { writers, seconds, shifts }) {
  const clients = await Promise.all(Array.from({ length: writers }, () => connected(url)));
  const { rows } = await clients[0].query('SELECT id FROM users ORDER BY id LIMIT 100');
  const users = rows.map(({ id }) => id);
  const until = performance.now() + seconds * 1_000;
  const found = { operations: 0, seconds, errors: {} };
  const watching = new AbortController();
  const watch = waitsOf(url, watching.signal);
  const acts = shifts ? [...ACTS, shiftSome] : ACTS;
  await Promise.all(clients.map((client, lane) => write(client, { users, lane, until, found, acts })));
  watching.abort();
  await Promise.all(clients.map((client) => client.end()));
  return { ...found, waits: await watch };
}

async function connected(url) {
  const client = new pg.Client({ connectionString: url, application_name: 'crowd' });
  await client.connect();
  return client;
}

async function write(client, { users, lane, until, found, acts }) {
  const own = { ids: [], pending: [], paid: [], user: users[lane % users.length] };
  while (performance.now() < until) {
    const act = acts[Math.floor(Math.random() * acts.length)];
    try {
      await act(client, own, () => users[Math.floor(Math.random() * users.length)]);
      found.operations += 1;
    } catch (error) {
      found.errors[error.code ?? error.message] = (found.errors[error.code ?? error.message] ?? 0) + 1;
    }
  }
}

const shiftSome = (client, own) => shift(client, own.ids.slice(-5));

async function placeOne(client, own, anyUser) {
  const currency = CURRENCIES[Math.floor(Math.random() * CURRENCIES.length)];
  const id = await place(client, { userId: anyUser(), currency, sku: Math.floor(Math.random() * 3) });
  own.ids.push(id);
  own.pending.push({ id, currency });
}

const ACTS = [
  placeOne,
  placeOne,
  placeOne,
  async (client, own) => {
    const order = own.pending.shift();
    if (!order) return;
    await pay(client, order);
    own.paid.push(order);
  },
  async (client, own) => {
    const order = own.paid.shift();
    if (order) await refund(client, order);
  },
  async (client, own) => {
    const [order] = own.pending;
    if (order) await changeLines(client, order.id);
  },
  (client, own) => toggleUser(client, own.user),
  (client) => (Math.random() < 0.05 ? placeMany(client, 100) : undefined),
  async (client, own) => {
    if (own.ids.length <= KEPT) return;
    const gone = own.ids.splice(0, 10);
    own.pending = own.pending.filter(({ id }) => !gone.includes(id));
    own.paid = own.paid.filter(({ id }) => !gone.includes(id));
    await remove(client, gone);
  },
];

/** Looks on all the time. @returns by kind of lock and statement, in how many samples somebody waited for it. */
async function waitsOf(url, signal) {
  const client = await connected(url);
  const waits = {};
  try {
    for await (const _ of every(SAMPLE_MS, undefined, { signal })) {
      const { rows } = await client.query(
        `SELECT wait_event, left(query, 40) AS query FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'crowd' AND wait_event_type = 'Lock'`,
      );
      for (const { wait_event: event, query } of rows) {
        const what = `${event}: ${query.trim().replaceAll(/\s+/g, ' ')}`;
        waits[what] = (waits[what] ?? 0) + 1;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await client.end();
  }
  return waits;
}
