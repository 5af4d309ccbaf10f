import path from 'node:path';
import { serverAccount } from './account.js';
import { usableBinaries } from './binaries.js';
import { DATABASE_USER, ensureCluster } from './cluster.js';
import { prepareDataDirectory } from './data-directory.js';
import type { Launch } from './launch.js';
import { stopOrphan } from './orphan.js';
import { claimDataDirectory } from './owner-lock.js';
import { SupervisedServer } from './supervised-server.js';

export { reachableDataDir } from './data-directory.js';
export { EmbeddedPostgresError } from './embedded-postgres.error.js';

export interface EmbeddedPostgresOptions {
  /** Where the data lives, relative or absolute; made when missing. See `reachableDataDir`. */
  readonly dataDir: string;
  /** More arguments for `postgres`, such as ['-c', 'fsync=off']. Must not silence its LOG messages. */
  readonly flags?: readonly string[];
  /** Gets the log of the server and that of the launcher, one line a call, without line break. */
  readonly onLog?: (line: string, source: 'server' | 'launcher') => void;
}

export interface EmbeddedPostgres {
  /** `postgres://app:<password>@127.0.0.1:<port>/postgres`, a superuser. Holds a secret: do not log it. */
  readonly url: string;
  /** Process id of the server, another one after it was started again. */
  readonly pid: number;
  /** Absolute path of the data directory without symbolic links. */
  readonly dataDir: string;
  /** Stops the server, within 30 s at most, and frees the data directory. Safe to call again. Never rejects for a dead server. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL from the package @embedded-postgres/<platform> on a free port of 127.0.0.1.
 * Needs about 0.1 s on existing data, 0.6 s on a new directory; more after a crash. As root it runs as the owner of the
 * data, else `postgres`, else `nobody`. It installs no signal handlers: call `stop()` last, when nothing queries any
 * more. When this process dies without that, a guard stops the server; failing that, the next start does. A server that
 * ends by itself is started again on the same port.
 *
 * @throws EmbeddedPostgresError when this platform has no binaries, the account cannot get to `dataDir`, another living
 *   process uses it, or initdb or the server fails (with the end of its output)
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount(path.resolve(options.dataDir));
  const dataDir = prepareDataDirectory(options.dataDir, account);
  const native = await usableBinaries(account);
  const { flags = [], onLog = () => undefined } = options;
  const launch: Launch = {
    account,
    dataDir,
    native,
    onLog: (line) => onLog(line, 'launcher'),
    onServerLog: (line) => onLog(line, 'server'),
  };
  const release = await claimDataDirectory(dataDir);
  try {
    await stopOrphan(launch);
    const password = await ensureCluster(launch);
    return handle({ server: await SupervisedServer.start(launch, { flags }), dataDir, password, release });
  } catch (error) {
    await release();
    throw error;
  }
}

interface Started {
  readonly server: SupervisedServer;
  readonly dataDir: string;
  readonly password: string;
  readonly release: () => Promise<void>;
}

function handle({ server, dataDir, password, release }: Started): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await server.stop();
    await release();
  };
  return {
    url: `postgres://${DATABASE_USER}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/postgres`,
    get pid() {
      return server.pid;
    },
    dataDir,
    stop: () => (stopping ??= stop()),
  };
}
