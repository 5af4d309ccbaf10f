import path from 'node:path';
import { AppLogger } from '@app/logging';

export interface OpenDatabase {
  readonly url: string;
  /** Where the embedded server keeps its data; undefined for a server of somebody else. */
  readonly dataDir: string | undefined;
  /** Ends what this process started; call it after the last connection has closed. */
  stop(): Promise<void>;
}

/**
 * The server of `DATABASE_URL`, or, without one, a PostgreSQL of our own in `<dataDir>/postgres`: or outside, where root
 * works under a home that the server's account cannot enter.
 */
export async function openDatabase(options: { url: string | undefined; dataDir: string }): Promise<OpenDatabase> {
  if (options.url !== undefined) return { url: options.url, dataDir: undefined, stop: () => Promise.resolve() };
  const { reachableDataDir, startEmbeddedPostgres } = await import('./embedded/embedded-postgres.js');
  const log = new AppLogger('EmbeddedPostgres');
  const server = await startEmbeddedPostgres({
    dataDir: reachableDataDir(path.join(options.dataDir, 'postgres')),
    onLog: (line) => log.debug('postgres', { line }),
  });
  return { url: server.url, dataDir: server.dataDir, stop: () => server.stop() };
}
