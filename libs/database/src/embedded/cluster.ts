import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import type { Launch } from './launch.js';
import { runProgram } from './program.js';

const INITDB_LIMIT_MS = 60_000;

/** The superuser of the embedded server. */
export const DATABASE_USER = 'app';

/**
 * Makes the database cluster `pgdata` and its `password` unless they exist. The cluster is made in a directory of
 * another name and renamed last, so what a kill leaves behind is never taken for a cluster. Call it as the owner of the
 * data directory.
 *
 * @returns the password of the user `app`
 * @throws EmbeddedPostgresError when initdb fails or takes more than 60 s, or the password of a cluster is lost
 */
export async function ensureCluster(launch: Launch): Promise<string> {
  const { dataDir } = launch;
  await removeUnfinished(dataDir);
  const existing = await textOf(path.join(dataDir, 'pgdata', 'PG_VERSION'));
  if (existing === undefined) await createCluster(launch);
  const password = (await textOf(path.join(dataDir, 'password')))?.trim();
  if (password) return password;
  throw new EmbeddedPostgresError(
    `${dataDir}/password is missing, so nobody can log in. Restore it, or remove ${dataDir} to begin with empty data.`,
  );
}

async function createCluster(launch: Launch): Promise<void> {
  const { account, dataDir } = launch;
  const unfinished = await fs.mkdtemp(path.join(dataDir, 'initdb-'));
  const password = path.join(unfinished, 'password');
  await fs.writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  if (account) await Promise.all([unfinished, password].map((file) => fs.lchown(file, account.uid, account.gid)));
  await runProgram(launch, 'initdb', {
    args: initdbArguments(path.join(unfinished, 'pgdata'), password),
    limitMs: INITDB_LIMIT_MS,
  });
  // The password first: it counts from the moment on that the cluster is there.
  await fs.rename(password, path.join(dataDir, 'password'));
  await publish(path.join(unfinished, 'pgdata'), path.join(dataDir, 'pgdata'));
  await fs.rmdir(unfinished);
}

function initdbArguments(pgdata: string, passwordFile: string): readonly string[] {
  const authentication = ['-U', DATABASE_USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  return ['-D', pgdata, ...authentication, '-E', 'UTF8', '--locale=C'];
}

async function publish(cluster: string, pgdata: string): Promise<void> {
  try {
    await fs.rename(cluster, pgdata);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM')) throw cause;
    throw new EmbeddedPostgresError(`${pgdata} exists and is not a database cluster; move it away`, { cause });
  }
}

async function removeUnfinished(dataDir: string): Promise<void> {
  const unfinished = (await fs.readdir(dataDir)).filter((name) => name.startsWith('initdb-'));
  for (const name of unfinished) {
    // The initdb of a killed process may be writing for another moment.
    await fs.rm(path.join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
