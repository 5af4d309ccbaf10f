import fs from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

/** The operating system account that PostgreSQL is started as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

// macOS calls the first one `_postgres`. `nobody` exists nearly everywhere, but shares its files with other services.
const CANDIDATES = ['postgres', '_postgres', 'nobody'] as const;
const LARGEST_SPAWNABLE_ID = 2 ** 31 - 1;

/**
 * Chooses the account for PostgreSQL, which refuses to run as root.
 * Data that exists keeps its owner, so that `sudo npm start` and a later installed `postgres` account do not lock it out.
 *
 * @param dataDir the launcher's data directory, which need not exist
 * @returns the account to switch to, or undefined when this process is not root and starts PostgreSQL as itself
 * @throws EmbeddedPostgresError when this process is root and no unprivileged account exists
 */
export function serverAccount(dataDir: string): Account | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const account = ownerOf(path.join(dataDir, 'pgdata')) ?? firstCandidate(readAccounts());
  if (account) return account;
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and /etc/passwd has none of ${CANDIDATES.join(', ')}. ` +
      'Start as an ordinary user, or set DATABASE_URL.',
  );
}

function readAccounts(): string {
  return fs.existsSync('/etc/passwd') ? fs.readFileSync('/etc/passwd', 'utf8') : '';
}

function ownerOf(directory: string): Account | undefined {
  if (!fs.existsSync(directory)) return undefined;
  // lstat: a link planted by the account must not turn into the identity of whoever owns its target.
  const stats = fs.lstatSync(directory);
  if (!stats.isDirectory() || stats.uid === 0) return undefined;
  return { name: `uid ${stats.uid}`, uid: stats.uid, gid: stats.gid };
}

function firstCandidate(passwd: string): Account | undefined {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  return CANDIDATES.flatMap((name) => entries.filter((entry) => entry[0] === name).map(parseEntry)).find(isSpawnable);
}

function parseEntry([name = '', , uid, gid]: readonly string[]): Account {
  return { name, uid: Number(uid), gid: Number(gid) };
}

function isSpawnable({ uid, gid }: Account): boolean {
  // macOS gives `nobody` the id -2, which chown(2) and spawn of Node cannot both express.
  return [uid, gid].every((id) => Number.isInteger(id) && id > 0 && id <= LARGEST_SPAWNABLE_ID);
}
