import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Launch, spawnOptions } from './launch.js';

// `read` succeeds on a line (the process has ended: nothing to do) and fails at the end of the pipe (we have died).
const SCRIPT = 'read -r _ || kill -INT "$1"';

/**
 * Has a shell stop a process when this process dies, even by SIGKILL: the kernel then closes our end of the pipe that
 * the shell reads. Does nothing on Windows, which has no such shell; there the next start finds the orphan.
 */
export function guardProcess(child: ChildProcess, launch: Launch): void {
  if (process.platform === 'win32' || child.pid === undefined) return;
  const args = ['-c', SCRIPT, 'plinth-guard', String(child.pid)];
  const guard: ChildProcess = spawn('/bin/sh', args, { ...spawnOptions(launch), stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', (error) =>
    launch.onLog(`no guard for pid ${child.pid}, it may outlive a kill -9: ${error.message}`),
  );
  // The guard may be gone already, for instance killed together with everything else; then there is nobody to tell.
  guard.stdin?.on('error', () => undefined);
  // The line, not just the end: the pid is free for others from now on, and must not be signalled any more.
  child.once('exit', () => guard.stdin?.end('ended\n'));
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}
