import type { DataSourceOptions } from 'typeorm';
import { QueryCounter } from './query-counter.subscriber.js';

export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections of this process, at most. */
  readonly poolMax: number;
  /** PostgreSQL ends a statement after this many milliseconds. */
  readonly statementTimeoutMs: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly entities: Extract<NonNullable<DataSourceOptions['entities']>, unknown[]>;
  readonly migrations: Extract<NonNullable<DataSourceOptions['migrations']>, unknown[]>;
}

/** Time to get a connection, new or from the pool, before the request is answered with 503. */
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** A server that is frozen never sends its own timeout: the driver gives up this much later. */
const DRIVER_GRACE_MS = 1_000;

export function dataSourceOptions(settings: DatabaseSettings) {
  return {
    type: 'postgres',
    url: settings.url,
    entities: settings.entities,
    migrations: settings.migrations,
    subscribers: [QueryCounter],
    migrationsTransactionMode: 'all',
    installExtensions: false,
    parseInt8: true,
    poolSize: settings.poolMax,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: settings.applicationName,
    logging: false,
    extra: {
      statement_timeout: settings.statementTimeoutMs,
      query_timeout: settings.statementTimeoutMs + DRIVER_GRACE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
    },
  } as const satisfies DataSourceOptions;
}
