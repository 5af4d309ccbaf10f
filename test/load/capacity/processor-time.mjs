import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds that a process has computed so far, with children that have ended. Linux only. */
export function computedMs(pid) {
  const { ticks } = statOf(pid);
  return ticks * TICK_MS;
}

/** The same of a process and all its children that there are. */
export function familyMs(pid) {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return computedMs(pid) + children.reduce((sum, child) => sum + msOrNone(child), 0);
}

export function parentOf(pid) {
  try {
    return statOf(pid).parent;
  } catch {
    return undefined; // it has ended
  }
}

function msOrNone(pid) {
  try {
    return statOf(pid).own * TICK_MS;
  } catch {
    return 0;
  }
}

/** The name of the program, in parentheses, may hold anything. */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [own, ended] = [fields[11] + fields[12], fields[13] + fields[14]];
  return { parent: fields[1], own, ticks: own + ended };
}
