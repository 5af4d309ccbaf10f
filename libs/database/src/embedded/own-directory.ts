import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Account } from './account.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import { closedDirectory } from './reachability.js';

/**
 * Finds or makes the directory outside the project where this user's copies and data go:
 * root `/var/lib/plinth` (`/var/db/plinth` on macOS), which survives a reboot; others `~/.cache/plinth`;
 * failing these `plinth-<uid>` under the temporary directory. Only this user can write there.
 *
 * @param account who must be able to reach it; undefined when PostgreSQL runs as this process
 * @returns an absolute path
 * @throws EmbeddedPostgresError when every place is missing, read-only, closed to the account or someone else's
 */
export function ownDirectory(account: Account | undefined): string {
  const refusals: string[] = [];
  for (const candidate of candidates()) {
    const result = tryDirectory(candidate, account);
    if (result === undefined) return candidate;
    refusals.push(result);
  }
  throw new EmbeddedPostgresError(`no place for its files outside the project: ${refusals.join('; ')}`);
}

function candidates(): readonly string[] {
  const uid = process.geteuid?.();
  const temporary = [os.tmpdir(), '/tmp'].map((directory) => path.join(directory, `plinth-${uid ?? 'user'}`));
  if (uid === 0) return ['/var/lib/plinth', '/var/db/plinth', ...temporary];
  return [path.join(os.homedir(), '.cache', 'plinth'), ...temporary];
}

function tryDirectory(directory: string, account: Account | undefined): string | undefined {
  const closed = closedDirectory(directory, account);
  if (closed !== undefined) return `${directory}: ${closed} is closed to ${account?.name}`;
  try {
    makeOwnDirectory(directory);
    return undefined;
  } catch (error) {
    return `${directory}: ${String(error)}`;
  }
}

/**
 * Makes a directory that everyone may pass through and only this user may write, or verifies that it is one.
 * Its name may be predictable: what another user put there first (a link, their directory) is refused.
 *
 * @param directory an absolute path whose parent exists
 * @throws EmbeddedPostgresError when it is there and not of that kind; the system's error when it cannot be made
 */
export function makeOwnDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory);
    fs.chmodSync(directory, 0o711); // whatever the umask
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  const stats = fs.lstatSync(directory);
  if (!stats.isDirectory()) throw new EmbeddedPostgresError(`${directory} is not a directory`);
  if (process.geteuid === undefined) return;
  const isOurs = stats.uid === process.geteuid() && (stats.mode & 0o022) === 0;
  if (!isOurs) throw new EmbeddedPostgresError(`${directory} belongs to uid ${stats.uid} or others may write there`);
}
