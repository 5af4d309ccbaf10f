import fs from 'node:fs';
import path from 'node:path';
import { describe } from '@jest/globals';

/** Where Debian keeps servers is not on the path of every account. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];

/** @returns the program's file, or undefined where the machine does not have it. */
export function programFile(name: string): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/**
 * `describe` for suites that need these programs. Without them the suite is skipped, and says so; with CI set it runs all
 * the same, and fails.
 */
export function describeWith(...programs: readonly string[]): typeof describe | typeof describe.skip {
  const missing = programs.filter((name) => programFile(name) === undefined);
  if (missing.length === 0 || process.env['CI']) return describe;
  process.stderr.write(`skipped: ${missing.join(' and ')} not installed\n`);
  return describe.skip;
}
