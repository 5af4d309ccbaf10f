import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import { guardProcess } from './guard.js';
import { type Launch, spawnOptions } from './launch.js';

/** A program of PostgreSQL. */
export type Program = 'initdb' | 'pg_ctl' | 'postgres';

/**
 * Starts a program of PostgreSQL under a guard that stops it when this process dies, however it dies.
 * Nothing of it keeps this process alive.
 *
 * @throws EmbeddedPostgresError when it cannot be started on this machine
 */
export async function launchProgram(launch: Launch, program: Program, args: readonly string[]): Promise<ChildProcess> {
  const file = path.join(launch.native, 'bin', `${program}${process.platform === 'win32' ? '.exe' : ''}`);
  const child: ChildProcess = spawn(file, [...args], { ...spawnOptions(launch), stdio: ['ignore', 'ignore', 'pipe'] });
  guardProcess(child, launch);
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  try {
    await spawned(child);
  } catch (error) {
    throw launchError(file, error);
  }
  return child;
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    // Stays for good: an 'error' event without a listener would end this process.
    child.on('error', reject);
  });
}

function launchError(file: string, cause: unknown): EmbeddedPostgresError {
  // The file is there, yet "not found": what is missing is its loader, which means a C library other than glibc.
  const isForeign = hasErrno(cause, 'ENOENT') && fs.existsSync(file);
  const reason = isForeign ? 'it is built for glibc 2.27 or later (not for Alpine)' : String(cause);
  return new EmbeddedPostgresError(`${file} does not start: ${reason}. Set DATABASE_URL to use another server.`, {
    cause,
  });
}
