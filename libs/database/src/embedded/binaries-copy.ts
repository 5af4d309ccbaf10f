import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Account } from './account.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import { recreateLibraryLinks } from './library-links.js';
import { ownDirectory } from './own-directory.js';

const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Copies the binaries (58 MB) to where the account can run them, once for each version; later starts use that copy.
 * A copy appears under its name only when it is complete, so a kill in the middle leaves nothing in use.
 *
 * @param packageDir directory of the platform package, with package.json and native
 * @param account who must be able to run them; undefined when that is this user
 * @returns absolute path of a directory with bin, lib and share
 */
export async function copiedBinaries(packageDir: string, account: Account | undefined): Promise<string> {
  const parent = ownDirectory(account);
  const copy = path.join(parent, `postgres-${await versionOf(packageDir)}-${process.platform}-${process.arch}`);
  if (!(await isDirectory(copy))) {
    await removeAbandoned(parent);
    await makeCopy(path.join(packageDir, 'native'), copy);
  }
  return path.join(copy, 'native');
}

async function makeCopy(native: string, copy: string): Promise<void> {
  const unfinished = `${copy}.unfinished-${randomUUID()}`;
  try {
    await fs.mkdir(unfinished);
    await fs.chmod(unfinished, 0o755);
    await copyTree(native, path.join(unfinished, 'native'));
    recreateLibraryLinks(path.join(unfinished, 'native'));
    await fs.rename(unfinished, copy);
  } catch (error) {
    await fs.rm(unfinished, { recursive: true, force: true });
    // Another process was faster; its copy is as good as ours.
    if (!hasErrno(error, 'EEXIST', 'ENOTEMPTY', 'EPERM') || !(await isDirectory(copy))) throw error;
  }
}

/** Like `cp -r`, but readable by everyone whatever the modes of the source and the umask are. */
async function copyTree(source: string, target: string): Promise<void> {
  await fs.mkdir(target);
  await fs.chmod(target, 0o755);
  for (const entry of await fs.readdir(source, { withFileTypes: true })) {
    const from = path.join(source, entry.name);
    const to = path.join(target, entry.name);
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await fs.symlink(await fs.readlink(from), to);
    else await copyFile(from, to);
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  await fs.copyFile(from, to);
  const { mode } = await fs.stat(from);
  await fs.chmod(to, mode & 0o100 ? 0o755 : 0o644);
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await fs.readdir(parent)) {
    const directory = path.join(parent, name);
    const isAbandoned = name.includes('.unfinished-') && Date.now() - (await changedAt(directory)) > ABANDONED_AFTER_MS;
    if (isAbandoned) await fs.rm(directory, { recursive: true, force: true });
  }
}

async function changedAt(directory: string): Promise<number> {
  try {
    return (await fs.lstat(directory)).mtimeMs;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return Date.now(); // its maker has just finished or removed it
    throw error;
  }
}

async function isDirectory(directory: string): Promise<boolean> {
  try {
    return (await fs.lstat(directory)).isDirectory();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

async function versionOf(packageDir: string): Promise<string> {
  const manifest: unknown = JSON.parse(await fs.readFile(path.join(packageDir, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  if (typeof version === 'string' && /^[\w.+-]+$/.test(version)) return version;
  throw new EmbeddedPostgresError(`${packageDir}/package.json names no version`);
}
