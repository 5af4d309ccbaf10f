import path from 'node:path';
import { AppLogger } from '@app/logging';
import { DatabaseStartError } from './database-start.error.js';

export interface OpenDatabase {
  readonly url: string;
  /** Where the embedded server keeps its data; undefined for a server of somebody else. */
  readonly dataDir: string | undefined;
  /** Ends what this process started; call it after the last connection has closed. */
  stop(): Promise<void>;
}

const log = new AppLogger('EmbeddedPostgres');

/**
 * The server of `DATABASE_URL`, or, without one, a PostgreSQL of our own in `<dataDir>/postgres`: or outside, where root
 * works under a home that the server's account cannot enter.
 *
 * @throws DatabaseStartError when our own cannot start.
 */
export async function openDatabase(options: { url: string | undefined; dataDir: string }): Promise<OpenDatabase> {
  if (options.url !== undefined) return { url: options.url, dataDir: undefined, stop: () => Promise.resolve() };
  // Only now: with a server of somebody else, none of it is loaded.
  const { EmbeddedPostgresError, reachableDataDir, startEmbeddedPostgres } =
    await import('./embedded/embedded-postgres.js');
  try {
    const dataDir = reachableDataDir(path.join(options.dataDir, 'postgres'));
    const server = await startEmbeddedPostgres({ dataDir, onLog: logLine });
    return { url: server.url, dataDir: server.dataDir, stop: () => server.stop() };
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    throw new DatabaseStartError(error.message, { cause: error });
  }
}

function logLine(line: string, source: 'server' | 'launcher'): void {
  if (source === 'server') log.debug('postgres', { line });
  else log.warn('launcher', { line });
}
