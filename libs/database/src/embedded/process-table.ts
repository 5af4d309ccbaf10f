import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { hasErrno } from './errno.js';

const run = promisify(execFile);
const PS = { timeout: 5_000, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };

/** The birth of a living process where the system does not tell it. */
export const UNKNOWN_BIRTH = 'unknown';

/**
 * Tells when a process began, in a form that differs between two processes that had the same pid one after the other.
 *
 * @returns an opaque text; 'unknown' where the process lives and the system does not tell (Windows, a hidden /proc);
 *   undefined when no such process lives (a zombie does not)
 */
export async function processBirth(pid: number): Promise<string | undefined> {
  if (!exists(pid)) return undefined;
  const stat = process.platform === 'linux' ? readProc(`/proc/${pid}/stat`) : await ps(pid, 'stat=,lstart=');
  if (stat === undefined) return exists(pid) ? UNKNOWN_BIRTH : undefined;
  // Linux: "pid (name) state …" with the start in ticks since boot in field 22; the name may hold blanks and brackets.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  if (/^[ZX]/.test(fields[0] ?? '')) return undefined;
  if (process.platform !== 'linux') return fields.slice(1).join(' ');
  return `${readProc('/proc/sys/kernel/random/boot_id')?.trim()} ${fields[19]}`;
}

/** Says whether a process with this pid and this birth still lives; in doubt, yes. */
export async function isStillAlive(pid: number, birth: string): Promise<boolean> {
  const present = await processBirth(pid);
  return present !== undefined && (present === birth || present === UNKNOWN_BIRTH || birth === UNKNOWN_BIRTH);
}

/**
 * Reads the command line of a process, with a blank after every argument.
 *
 * @returns undefined when it cannot be known: the process is gone, or the system does not tell
 */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ');
  const line = await ps(pid, 'args=');
  return line === undefined ? undefined : `${line} `;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasErrno(error, 'EPERM'); // someone else's
  }
}

function readProc(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

async function ps(pid: number, columns: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  try {
    const { stdout } = await run('ps', ['-o', columns, '-ww', '-p', String(pid)], PS);
    return stdout.trim() || undefined;
  } catch {
    return undefined; // no such process, or no ps: the caller takes the cautious way for "unknown"
  }
}
