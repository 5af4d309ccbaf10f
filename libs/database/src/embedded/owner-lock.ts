import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import { isStillAlive, processBirth, UNKNOWN_BIRTH } from './process-table.js';

const ATTEMPTS = 20;

/**
 * Claims a data directory for this process, by the file `owner.json` with pid and birth of its owner. PostgreSQL's own
 * postmaster.pid cannot serve: it tells that a server runs, not whether the process that started it still lives.
 * Two containers that share a directory do not see each other's processes; they must not do that.
 *
 * @returns a function that gives the directory free again
 * @throws EmbeddedPostgresError when a living process has it, this one included
 */
export async function claimDataDirectory(dataDir: string): Promise<() => Promise<void>> {
  const lock = path.join(dataDir, 'owner.json');
  const claim = JSON.stringify({ pid: process.pid, birth: await processBirth(process.pid), nonce: randomUUID() });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await createWith(lock, claim)) return () => removeIf(lock, claim);
    const found = await contentOf(lock);
    if (found === undefined) continue;
    await assertAbandoned(found, dataDir);
    await removeIf(lock, found);
  }
  throw new EmbeddedPostgresError(`several processes want ${dataDir} at the same time`);
}

async function assertAbandoned(found: string, dataDir: string): Promise<void> {
  const owner = parseClaim(found);
  if (!owner || !(await isStillAlive(owner.pid, owner.birth))) return;
  const who =
    owner.pid === process.pid ? `this process (pid ${owner.pid})` : `another running Plinth (pid ${owner.pid})`;
  const advice = owner.birth === UNKNOWN_BIRTH ? ` If that pid is something else, remove ${dataDir}/owner.json.` : '';
  throw new EmbeddedPostgresError(
    `${who} uses ${dataDir}. Stop it, choose another data directory, or share one server by DATABASE_URL.${advice}`,
  );
}

/** Creates the file together with its content; false when it exists. A reader never sees half of it. */
async function createWith(lock: string, content: string): Promise<boolean> {
  const draft = `${lock}.${randomUUID()}`;
  await fs.writeFile(draft, content, { flag: 'wx', mode: 0o600 });
  try {
    await fs.link(draft, lock);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** Removes the file if it still says that; between reading and removing, another process may have put its own there. */
async function removeIf(lock: string, content: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await fs.rename(lock, aside);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  const removed = await contentOf(aside);
  if (removed !== undefined && removed !== content) await createWith(lock, removed);
  await fs.rm(aside, { force: true });
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for what no process of ours wrote: power was lost before the content reached the disk. */
function parseClaim(text: string): { pid: number; birth: string } | undefined {
  const [, pid, birth] = /^\{"pid":(\d+),"birth":"([^"]*)"/.exec(text) ?? [];
  return pid === undefined || birth === undefined ? undefined : { pid: Number(pid), birth };
}
