import type { SpawnOptions } from 'node:child_process';
import type { Account } from './account.js';

/** What every process started for one embedded server shares. */
export interface Launch {
  /** Absolute path of the directory with bin, lib and share. */
  readonly native: string;
  /** Absolute path of the data directory without symbolic links; working directory of the processes. */
  readonly dataDir: string;
  readonly account: Account | undefined;
  /** Hears what the launcher does, or fails to do. */
  readonly onLog: (line: string) => void;
  /** Hears the server's own log. */
  readonly onServerLog: (line: string) => void;
}

/**
 * Options for a process that runs as the account, in a session of its own so that Ctrl-C does not reach it, with an
 * environment that nothing of ours leaks into. Windows gets the variables it cannot do without from Node itself.
 */
export function spawnOptions(launch: Pick<Launch, 'account' | 'dataDir'>): SpawnOptions {
  return {
    // Not our own working directory: PostgreSQL wants to return to it, and the account may not be able to.
    cwd: launch.dataDir,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    windowsHide: true,
    ...(launch.account && { uid: launch.account.uid, gid: launch.account.gid }),
  };
}
