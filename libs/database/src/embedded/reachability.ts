import fs from 'node:fs';
import path from 'node:path';
import type { Account } from './account.js';

/** Permission bits as in the last digit of a mode: 4 read, 1 enter or execute. */
export type PermissionBits = 1 | 4 | 5;

/**
 * Says whether the mode of a file grants an account something. Supplementary groups do not count, because spawning
 * with another uid drops them; access control lists are not looked at.
 */
export function grants(stats: fs.Stats, account: Account, bits: PermissionBits): boolean {
  return (classBits(stats, account) & bits) === bits;
}

function classBits(stats: fs.Stats, account: Account): number {
  if (stats.uid === account.uid) return stats.mode >> 6;
  return stats.gid === account.gid ? stats.mode >> 3 : stats.mode;
}

/**
 * Finds what keeps an account from getting to a path.
 *
 * @param target a path, which need not exist; its own permissions are not looked at, only those of its parents
 * @param account undefined when PostgreSQL runs as this process; then nothing is closed
 * @returns the first existing directory on the way that the account may not enter, or undefined
 */
export function closedDirectory(target: string, account: Account | undefined): string | undefined {
  if (!account) return undefined;
  const onTheWay = parentsOf(path.resolve(target));
  // Both the directories named and those that symbolic links lead through must be open.
  const deepest = onTheWay.findLast((directory) => fs.existsSync(directory)) ?? path.sep;
  const real = fs.realpathSync(deepest);
  return [...onTheWay, ...parentsOf(real), real].find((directory) => isClosed(directory, account));
}

function isClosed(directory: string, account: Account): boolean {
  return fs.existsSync(directory) && !grants(fs.statSync(directory), account, 1);
}

function parentsOf(target: string): readonly string[] {
  const parent = path.dirname(target);
  return parent === target ? [] : [...parentsOf(parent), parent];
}
