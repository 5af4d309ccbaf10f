import { Client } from 'pg';

/** Two connections ask in turns; on a busy pooler, or one that goes round its servers, the first turn may not show it. */
const TURNS = 5;
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

/** In session mode nobody else gets the session of a client that is there. */
async function isShared(client: Client, url: string): Promise<boolean> {
  const first = await sessionOf(client);
  let other: Client;
  try {
    other = await connect(url);
  } catch {
    return false; // the pooler has no session left beside the one that is kept for us
  }
  try {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await other.query('BEGIN');
      const isTaken = (await sessionOf(other)) === first || (await sessionOf(client)) !== first;
      await other.query('ROLLBACK');
      if (isTaken) return true;
    }
    return false;
  } finally {
    await other.end();
  }
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
