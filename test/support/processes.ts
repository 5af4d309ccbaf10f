import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';

/** False for a zombie, too. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !ps('-o', 'stat=', '-p', String(pid)).startsWith('Z');
  } catch {
    return false;
  }
}

export function commandLineOf(pid: number): string {
  return ps('-ww', '-o', 'args=', '-p', String(pid)).trim();
}

export function childrenOf(pid: number): readonly number[] {
  return pidsWhere((_, parent) => parent === pid);
}

export function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The shells that would end this server if its parent died. */
export function guardsOf(pid: number): readonly number[] {
  return pidsWhere((line) => line.endsWith(`plinth-guard ${pid}`));
}

/** PostgreSQL servers, with their helpers, that work on a directory or below. */
export function serversOn(directory: string): readonly number[] {
  return pidsWhere((line) => line.includes(` -D ${directory}`));
}

/** A process that has ended in the meantime is no error. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (Object(error).code !== 'ESRCH') throw error;
  }
}

/** Signals a child and waits for its end; one that has ended is left alone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function pidsWhere(isWanted: (line: string, parent: number) => boolean): readonly number[] {
  return ps('-A', '-ww', '-o', 'pid=,ppid=,args=')
    .split('\n')
    .filter((line) => isWanted(line, Number(line.trim().split(/\s+/)[1])))
    .map((line) => Number.parseInt(line, 10));
}

function ps(...args: readonly string[]): string {
  return execFileSync('ps', args, { encoding: 'utf8' });
}
