import fs from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasErrno } from './errno.js';
import type { Launch } from './launch.js';
import { runProgram } from './program.js';
import { commandLine, processBirth } from './process-table.js';
import { signalServer } from './signal.js';
import { becomesTrue } from './waiting.js';

const FAST_LIMIT_MS = 10_000;
const IMMEDIATE_LIMIT_MS = 10_000;
// Above the largest pid of Linux (2^22) and macOS (99999): no process ever has it.
const NO_PID = '99999999';

/**
 * Stops a server that a killed process left running on this data directory. Call it as the owner of the directory.
 * Also takes the pid out of postmaster.pid when it is that of a zombie or of an unrelated process: PostgreSQL only asks
 * whether some process has it, and would refuse to start. The rest of the file stays, since PostgreSQL finds left-over
 * backends by it.
 *
 * @throws EmbeddedPostgresError when the server does not end within 20 s
 */
export async function stopOrphan(launch: Launch): Promise<void> {
  const pgdata = path.join(launch.dataDir, 'pgdata');
  const pidFile = path.join(pgdata, 'postmaster.pid');
  const pid = await pidIn(pidFile);
  if (pid === undefined) return;
  if (process.platform === 'win32') return stopByPgCtl(launch, pgdata);
  const birth = await processBirth(pid);
  const line = birth === undefined ? '' : await commandLine(pid);
  if (line === undefined) return; // it lives and cannot be examined: PostgreSQL decides
  if (!line.includes(` -D ${pgdata} `)) return disarm(pidFile, pid);
  launch.onLog(`stopping the PostgreSQL server (pid ${pid}) that a killed process left behind`);
  await stopServer(pid, launch.dataDir);
}

async function stopServer(pid: number, dataDir: string): Promise<void> {
  const isGone = async (): Promise<boolean> => (await processBirth(pid)) === undefined;
  signalServer(pid, 'SIGINT');
  if (await becomesTrue(isGone, FAST_LIMIT_MS)) return;
  signalServer(pid, 'SIGQUIT');
  if (await becomesTrue(isGone, IMMEDIATE_LIMIT_MS)) return;
  throw new EmbeddedPostgresError(`a left-over server (pid ${pid}) on ${dataDir} does not end; end it by hand`);
}

async function stopByPgCtl(launch: Launch, pgdata: string): Promise<void> {
  const isRunning = await runProgram(launch, 'pg_ctl', { args: ['status', '-D', pgdata], limitMs: 10_000 }).then(
    () => true,
    () => false, // pg_ctl says by its exit code that no server runs there
  );
  if (!isRunning) return;
  launch.onLog('stopping the PostgreSQL server that a killed process left behind');
  await runProgram(launch, 'pg_ctl', { args: ['stop', '-D', pgdata, '-m', 'fast', '-w'], limitMs: 30_000 });
}

async function pidIn(pidFile: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await fs.readFile(pidFile, 'utf8'), 10);
    return pid > 0 && String(pid) !== NO_PID ? pid : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function disarm(pidFile: string, pid: number): Promise<void> {
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW } = fs.constants;
  try {
    const text = await fs.readFile(pidFile, 'utf8');
    await fs.writeFile(pidFile, text.replace(String(pid), NO_PID), { flag: O_WRONLY | O_TRUNC | O_NOFOLLOW });
  } catch (error) {
    // A server in its last moments, its command line gone already, has removed the file itself.
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
