import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import type { Launch } from './launch.js';
import { launchProgram, type Program } from './launch-program.js';
import { Output } from './output.js';
import { resolvesWithin } from './waiting.js';

/** What to run, and for how long at most (ms). */
export interface ProgramRun {
  readonly args: readonly string[];
  readonly limitMs: number;
}

/**
 * Runs a program of PostgreSQL to its end.
 *
 * @throws EmbeddedPostgresError with the end of its output when it fails, or takes longer than `limitMs` (and is killed)
 */
export async function runProgram(launch: Launch, program: Program, { args, limitMs }: ProgramRun): Promise<void> {
  const child = await launchProgram(launch, program, args);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const output = new Output(child.stderr, () => undefined);
  if (!(await resolvesWithin(closed, limitMs))) {
    child.kill('SIGKILL');
    throw new EmbeddedPostgresError(`${program} did not end within ${limitMs / 1000} s.\n${output.tail}`);
  }
  if (child.exitCode === 0) return;
  throw new EmbeddedPostgresError(
    `${program} failed (${child.signalCode ?? `code ${child.exitCode}`}).\n${output.tail}`,
  );
}
