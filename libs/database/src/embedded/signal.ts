import { hasErrno } from './errno.js';

/** SIGINT: fast shutdown, clients are cut and everything is written. SIGQUIT: immediate, recovery at the next start. */
export type ServerSignal = 'SIGINT' | 'SIGQUIT' | 'SIGKILL';

/** Signals a server; one that has ended in the meantime is no error. */
export function signalServer(pid: number, signal: ServerSignal): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}
