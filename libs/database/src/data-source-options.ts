import { AppLogger } from '@app/logging';
import type { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { AbandonedConnections } from './abandoned-connection.subscriber.js';
import type { ForeignSchema } from './foreign-schema.js';
import { forgetAnswers } from './forgetful-connection.js';
import { QueryCounter } from './query-counter.subscriber.js';

export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** The same database past a pooler in transaction mode, for what needs a session of its own; `url` unless given. */
  readonly directUrl?: string | undefined;
  /** Connections of this process, at most. */
  readonly poolMax: number;
  /** PostgreSQL ends a statement after this many milliseconds. */
  readonly statementTimeoutMs: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly entities: Extract<NonNullable<DataSourceOptions['entities']>, unknown[]>;
  readonly migrations: Extract<NonNullable<DataSourceOptions['migrations']>, unknown[]>;
  /** Brought up after the migrations. */
  readonly foreignSchemas?: readonly ForeignSchema[];
  /** At the start, before it fails; 10 unless given. */
  readonly connectAttempts?: number;
}

/** Time to get a connection, new or from the pool, before the request is answered with 503: as for a statement, within these. */
const CONNECT_TIMEOUT_MIN_MS = 1_000;
const CONNECT_TIMEOUT_MAX_MS = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** A server that is frozen never sends its own timeout: the driver gives up this much later. */
const DRIVER_GRACE_MS = 1_000;

const log = new AppLogger('Database');

/** Where a connection keeps its session, as far as the settings tell. */
export function directUrlOf({ url, directUrl = url }: Pick<DatabaseSettings, 'url' | 'directUrl'>): string {
  return directUrl;
}

/** @param limits of the session, sent when a connection begins: some poolers refuse a client that sends any. */
export function dataSourceOptions(settings: DatabaseSettings, limits = sessionLimits(settings)) {
  return {
    type: 'postgres',
    url: settings.url,
    entities: settings.entities,
    migrations: settings.migrations,
    subscribers: [QueryCounter, AbandonedConnections],
    migrationsTransactionMode: 'all',
    installExtensions: false,
    parseInt8: true,
    poolSize: settings.poolMax,
    connectTimeoutMS: Math.max(CONNECT_TIMEOUT_MIN_MS, Math.min(CONNECT_TIMEOUT_MAX_MS, settings.statementTimeoutMs)),
    applicationName: settings.applicationName,
    logging: false,
    extra: {
      ...limits,
      keepAlive: true,
      onConnect: (client: Client) => {
        hearErrors(client);
        forgetAnswers(client, settings.statementTimeoutMs + DRIVER_GRACE_MS);
      },
    },
  } as const satisfies DataSourceOptions;
}

function sessionLimits({ statementTimeoutMs }: DatabaseSettings): object {
  return {
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  };
}

/**
 * The pool and TypeORM listen in turns. Between them, when a server that is ending greets and says goodbye in one packet,
 * nobody would, and an error event that nobody hears ends the process.
 */
function hearErrors(client: Client): void {
  client.on('error', (error) => log.warn('a database connection was lost', { reason: error.message }));
}
