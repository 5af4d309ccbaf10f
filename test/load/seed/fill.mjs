import pg from 'pg';
import { UsageError } from '../arguments.mjs';
import { chunksOf, newPlan, registrations, rhythm } from './plan.mjs';
import { decideFates, DRAW_ITEMS, drawOrders, INSERTS, insertUsers, LEDGER, SESSION } from './statements.mjs';

/** Change rows that are folded in at once. */
const FOLD_ROWS = 100_000;

/**
 * Fills a migrated database, or goes on where a run before was cut off: each chunk commits together with its row in
 * `load_seed`, and follows from its number alone.
 *
 * @param wanted `{ users, orders, days, chunk, writers, triggers: 'on' | 'off', force }`
 * @param onProgress is told how many orders there are.
 * @returns `{ made }`: orders that this run has inserted.
 * @throws UsageError when the database holds something else.
 */
export async function fill(url, wanted, onProgress = () => undefined) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const plan = await settlePlan(client, wanted);
    const made = await insertAll(client, plan, { url, ...wanted, onProgress });
    await finish(client);
    return { made };
  } finally {
    await client.end();
  }
}

/** The plan that the database has already, or a new one. */
async function settlePlan(client, wanted) {
  await client.query(LEDGER);
  const { rows } = await client.query(`SELECT detail FROM load_seed WHERE part = 'plan'`);
  if (rows.length === 0) return makePlan(client, wanted);
  const [{ detail: plan }] = rows;
  const isOther = ['users', 'orders', 'days'].some((name) => plan[name] !== wanted[name]);
  if (!isOther) return plan;
  const { users, orders, days } = plan;
  throw new UsageError(
    `this database is seeded by --users ${users} --orders ${orders} --days ${days}: ask for that again`,
  );
}

async function makePlan(client, wanted) {
  const { rows } = await client.query(
    'SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM orders) AS "isForeign"',
  );
  if (rows[0].isForeign && !wanted.force) {
    throw new UsageError('this database has users or orders of somebody else: take an empty one, or say --force');
  }
  const plan = newPlan(wanted);
  await client.query(`INSERT INTO load_seed (part, number, rows, detail) VALUES ('plan', 0, 0, $1)`, [plan]);
  return plan;
}

async function insertAll(client, plan, options) {
  const [users, orders] = [registrations(plan), rhythm(plan)];
  const finished = await finishedChunks(client);
  const left = (part, rows) => {
    return chunksOf(part, rows, plan.chunk).filter(({ number }) => !finished.has(`${part} ${number}`));
  };
  const userChunks = left('users', plan.users);
  await inLanes(userChunks, options, (chunk) => [insertUsers(chunk, users)]);
  const orderChunks = left('orders', plan.orders);
  const made = orderChunks.reduce((sum, { from, to }) => sum + to - from, 0);
  let there = plan.orders - made;
  options.onProgress(there);
  const statements = (chunk) => [drawOrders(chunk, orders, users), DRAW_ITEMS, decideFates(plan.endsMs), ...INSERTS];
  await inLanes(orderChunks, options, statements, ({ from, to }) => options.onProgress((there += to - from)));
  return made;
}

async function finishedChunks(client) {
  const { rows } = await client.query('SELECT part, number FROM load_seed');
  return new Set(rows.map(({ part, number }) => `${part} ${number}`));
}

/** Several connections, each taking the next chunk when it has finished one. */
async function inLanes(chunks, { url, writers, triggers }, statements, onFinished = () => undefined) {
  const queue = chunks.values();
  const lane = async () => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      await client.query(SESSION);
      if (triggers === 'off') await client.query('SET session_replication_role = replica');
      for (const chunk of queue) {
        await insertChunk(client, { ...chunk, triggers }, statements(chunk));
        onFinished(chunk);
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(writers, chunks.length) }, lane));
}

/**
 * The row in `load_seed` comes first: where a killed run's connection is still at the same chunk, this waits for its end,
 * and makes the rows only if that one did not.
 */
async function insertChunk(client, { part, number, from, to, triggers }, statements) {
  await client.query('BEGIN');
  const claim = 'INSERT INTO load_seed (part, number, rows, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
  const { rowCount } = await client.query(claim, [part, number, to - from, { triggers }]);
  if (rowCount === 1) for (const statement of statements) await client.query(statement);
  await client.query('COMMIT');
}

/** Once, whichever run gets there. Sums that the triggers did not keep are made anew. */
async function finish(client) {
  const { rows } = await client.query(`
    SELECT bool_or(part = 'finish') AS "isFinished", bool_or(detail ->> 'triggers' = 'off') AS "lacksSums" FROM load_seed`);
  const [{ isFinished, lacksSums }] = rows;
  if (isFinished) return;
  await client.query('VACUUM (ANALYZE)');
  if (!lacksSums) await foldChanges(client);
  await client.query('BEGIN');
  if (lacksSums) await rebuildSums(client);
  await client.query(`INSERT INTO load_seed (part, number, rows) VALUES ('finish', 0, 0)`);
  await client.query('COMMIT');
  await client.query('VACUUM (ANALYZE)');
}

/** What the triggers have noted, which a running application would fold in as it comes. */
async function foldChanges(client) {
  const { rows } = await client.query(`SELECT to_regprocedure('analytics_fold(integer)') IS NOT NULL AS "isThere"`);
  for (let left = rows[0].isThere; left;) {
    const { rows: folded } = await client.query('SELECT analytics_fold($1) > 0 AS "isAny"', [FOLD_ROWS]);
    left = folded[0].isAny;
  }
}

async function rebuildSums(client) {
  const { rows } = await client.query(`SELECT to_regprocedure('analytics_mend()') IS NOT NULL AS "isThere"`);
  if (rows[0].isThere) await client.query('SELECT analytics_mend()');
}

/** Whether this account may leave triggers and foreign keys out. */
export async function maySkipTriggers(url) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
    return rows[0].rolsuper;
  } finally {
    await client.end();
  }
}
