import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Account, serverAccount } from './account.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { makeOwnDirectory, ownDirectory } from './own-directory.js';
import { closedDirectory } from './reachability.js';

const OUR_ENTRIES = /^(pgdata|password|owner.*|initdb-.*)$/;

/**
 * Chooses where the data goes: the preferred directory when the account that PostgreSQL will run as can get there,
 * else a stable one outside that depends on the preferred path alone, so that a restart finds its data again.
 * Needed for root with a checkout under a 0700 home.
 *
 * @param preferred a path, relative to the working directory or absolute; it need not exist
 * @returns `preferred` as given, or an absolute path such as `/var/lib/plinth/data/<16 hex digits>`, made with mode
 *   0700 and owned by the account
 * @throws EmbeddedPostgresError when there is no account to run as, or no safe place outside
 */
export function reachableDataDir(preferred: string): string {
  if (closedDirectory(preferred, serverAccount(preferred)) === undefined) return preferred;
  const parent = path.join(ownDirectory(serverAccount(preferred)), 'data');
  makeOwnDirectory(parent);
  const name = createHash('sha256').update(path.resolve(preferred)).digest('hex').slice(0, 16);
  const fallback = path.join(parent, name);
  const account = serverAccount(fallback);
  const stats = fs.lstatSync(fallback, { throwIfNoEntry: false });
  if (stats && !(stats.isDirectory() && [0, account?.uid].includes(stats.uid))) {
    throw new EmbeddedPostgresError(`${fallback} is not a directory of ${account?.name ?? 'this user'}`);
  }
  return prepareDataDirectory(fallback, account);
}

/**
 * Makes the data directory (mode 0700 when new), hands it to the account, and verifies that it can be used.
 *
 * @returns its absolute path without symbolic links, the form that the server's command line shows
 * @throws EmbeddedPostgresError when the account cannot get there, or when the directory holds someone else's files
 */
export function prepareDataDirectory(dataDir: string, account: Account | undefined): string {
  const wanted = path.resolve(dataDir);
  assertReachable(wanted, account);
  const firstMade = translate(wanted, () => fs.mkdirSync(wanted, { recursive: true, mode: 0o700 }));
  const directory = fs.realpathSync(wanted);
  if (!account) return assertWritable(directory);
  translate(wanted, () => handOver(directory, account));
  // Parents made just now belong to root, and a umask of 077 would have closed them.
  for (let made = path.dirname(wanted); firstMade && made.startsWith(firstMade); made = path.dirname(made)) {
    fs.chmodSync(made, 0o755);
  }
  return directory;
}

function assertReachable(directory: string, account: Account | undefined): void {
  const closed = closedDirectory(directory, account);
  if (closed === undefined) return;
  throw new EmbeddedPostgresError(
    `it runs as ${account?.name}, because PostgreSQL refuses root, and cannot get to ${directory}: ` +
      `${closed} is closed to that account. Choose a data directory elsewhere, or set DATABASE_URL.`,
  );
}

function assertWritable(directory: string): string {
  translate(directory, () => fs.accessSync(directory, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK));
  return directory;
}

function handOver(directory: string, account: Account): void {
  if (fs.lstatSync(directory).uid === account.uid) return;
  // Taking over a directory that has other things in it, such as /var/lib by a typing error, would wreck the machine.
  const foreign = fs.readdirSync(directory).find((entry) => !OUR_ENTRIES.test(entry));
  if (foreign !== undefined) {
    throw new EmbeddedPostgresError(`${directory} is not empty (${foreign}) and does not belong to ${account.name}`);
  }
  fs.lchownSync(directory, account.uid, account.gid);
}

function translate<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(`the data directory ${directory} cannot be used: ${String(error)}`, {
      cause: error,
    });
  }
}
