import { AppLogger } from '@app/logging';
import type { EntityManager } from 'typeorm';

/** What we need of the driver's connection. */
interface Connection {
  query(config: { text: string; values: readonly unknown[]; query_timeout: number }): Promise<{ rows: unknown[] }>;
}

export interface LongStatementOptions {
  readonly values?: readonly unknown[];
  readonly timeoutMs: number;
  /** Aborted, the statement is cancelled at the server, which nobody would do for it. */
  readonly signal: AbortSignal;
}

/** Not the next transaction of the same session, which is somebody else's. */
const CANCEL = 'SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND xact_start = $2::timestamptz';

/**
 * For background work: a statement that may take longer than those of requests. In a transaction only, whose other
 * statements have this limit, too.
 *
 * @returns its rows.
 * @throws QueryFailedError or the driver's error when it fails, takes too long, or is cancelled.
 */
export async function longStatement(
  manager: EntityManager,
  text: string,
  { values = [], timeoutMs, signal }: LongStatementOptions,
): Promise<unknown[]> {
  const [row] = await manager.query<{ pid: number; begun: string }[]>(
    `SELECT pg_backend_pid() AS pid, now()::text AS begun, set_config('statement_timeout', $1, true)`,
    [String(timeoutMs)],
  );
  const connection: unknown = await manager.queryRunner?.connect();
  if (!row || !isConnection(connection)) throw new Error('a long statement needs a transaction');
  signal.throwIfAborted();
  const cancel = (): void => {
    manager.dataSource.query(CANCEL, [row.pid, row.begun]).catch((error: unknown) => {
      new AppLogger('Database').warn('a long statement could not be cancelled', { error });
    });
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const { rows } = await connection.query({ text, values, query_timeout: timeoutMs + 1_000 });
    return rows;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && 'query' in value && typeof value.query === 'function';
}
