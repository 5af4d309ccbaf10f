import { setTimeout as delay } from 'node:timers/promises';
import { AppLogger } from '@app/logging';
import { DataSource } from 'typeorm';
import { type DatabaseSettings, dataSourceOptions } from './data-source-options.js';
import { causeOf, isAway, isRefusedLogin, isRefusedParameter } from './database-errors.js';
import { DatabaseStartError } from './database-start.error.js';

/** Attempts to reach the database; after that the start fails and the supervisor decides. */
const ATTEMPTS = 10;
const PAUSE_MS = 1_000;

const log = new AppLogger('Database');

/** Of a session that the pool has got. */
const STATEMENT_TIMEOUT = `SELECT setting::int AS "timeoutMs" FROM pg_settings WHERE name = 'statement_timeout'`;

/**
 * Connects. A pooler may keep the limits of statements to itself: the log says so, and what they are. A database that does not answer, because it is still starting say, is asked again: ten times, a second apart.
 *
 * @throws DatabaseStartError when it never answers, or refuses the login.
 */
export async function openDataSource(settings: DatabaseSettings): Promise<DataSource> {
  const { connectAttempts = ATTEMPTS } = settings;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect(settings);
    } catch (error) {
      if (!isAway(error) || attempt >= connectAttempts) throw explained(error, settings);
      log.warn('the database does not answer, trying again', { attempt, reason: causeOf(error) });
    }
    await delay(PAUSE_MS);
  }
}

async function connect(settings: DatabaseSettings): Promise<DataSource> {
  let source: DataSource;
  try {
    source = await new DataSource(dataSourceOptions(settings)).initialize();
  } catch (error) {
    if (!isRefusedParameter(error)) throw error;
    source = await new DataSource(dataSourceOptions(settings, {})).initialize();
  }
  const [row] = await source.query<{ timeoutMs: number }[]>(STATEMENT_TIMEOUT);
  const timeoutMs = row?.timeoutMs ?? 0;
  if (timeoutMs !== settings.statementTimeoutMs) {
    log.warn('a pooler decides how long statements may take; 0 is for ever', { timeoutMs });
  }
  return source;
}

function explained(error: unknown, { url }: DatabaseSettings): unknown {
  const { host } = new URL(url); // empty for a Unix socket
  const database = host === '' ? 'the database' : `the database at ${host}`;
  if (isAway(error)) {
    const message = `${database} does not answer (${causeOf(error)}): start it, or mend DATABASE_URL`;
    return new DatabaseStartError(message, { cause: error });
  }
  if (!isRefusedLogin(error)) return error;
  return new DatabaseStartError(`${database} refuses: ${causeOf(error)}`, { cause: error });
}
