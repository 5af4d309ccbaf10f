import { Client } from 'pg';

const TURNS = 20;
const TIMEOUT_MS = 2_000;

/**
 * Whether a connection to this URL has one PostgreSQL session for all its life. Behind a pooler in transaction mode (or
 * statement mode) each statement may meet another one: what LISTEN and session locks leave behind is somebody else's then.
 *
 * @throws the driver's error when nobody answers.
 */
export async function keepsSession(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    // A server tells its own process id when it greets; a pooler makes one up.
    return Reflect.get(client, 'processID') === (await sessionOf(client)) || !(await isShared(client, url));
  } finally {
    await client.end();
  }
}

/**
 * In session mode nobody else gets the session of a client that is there. Whoever cannot be asked in time counts as a pooler
 * in transaction mode: what is taken for one wrongly is slower, and the other way round it would be wrong.
 */
async function isShared(client: Client, url: string): Promise<boolean> {
  let other: Client | undefined;
  try {
    other = await connect(url);
    return await meet(client, other);
  } catch {
    return true;
  } finally {
    await other?.end();
  }
}

/**
 * A pooler gives the session that was free last, and then the other one gets ours; or the one that was free first, and then
 * we get two. Whatever else it serves may come between, in some of the turns.
 */
async function meet(client: Client, other: Client): Promise<boolean> {
  const first = await sessionOf(client);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const sessions = [await sessionOf(client), await sessionOf(client)];
    if (sessions.some((session) => session !== first) || (await sessionOf(other)) === first) return true;
  }
  return false;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'plinth-probe',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined); // the statement rejects, too
  await client.connect();
  return client;
}

async function sessionOf(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}
