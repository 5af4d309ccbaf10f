import fs from 'node:fs';
import path from 'node:path';
import { hasErrno } from './errno.js';

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Recreates the links between library names (libpq.so.5 → libpq.so.5.15), which npm cannot pack and which the install
 * script of the package would make if scripts were allowed. Without them the server ends with code 127.
 *
 * @param native directory with bin, lib, share and, where links are needed, pg-symlinks.json
 * @returns false when links are missing and the directory cannot be written
 */
export function recreateLibraryLinks(native: string): boolean {
  // Names in the list are relative to the package, as in "native/lib/libpq.so.5".
  const links = readList(path.join(native, 'pg-symlinks.json'));
  return links.every(({ source, target }) => {
    const relativeTo = path.dirname(native);
    return ensureLink(path.join(relativeTo, target), path.relative(path.dirname(target), source));
  });
}

function ensureLink(link: string, pointsTo: string): boolean {
  if (fs.existsSync(link)) return true;
  try {
    fs.symlinkSync(pointsTo, link);
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    // Another process has just made it.
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  return true;
}

function readList(file: string): readonly LibraryLink[] {
  if (!fs.existsSync(file)) return [];
  const list: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  return Array.isArray(list) ? list.filter(isLibraryLink) : [];
}

function isLibraryLink(entry: unknown): entry is LibraryLink {
  if (typeof entry !== 'object' || entry === null) return false;
  return 'source' in entry && typeof entry.source === 'string' && 'target' in entry && typeof entry.target === 'string';
}
