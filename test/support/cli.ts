import { spawn } from 'node:child_process';

const CLI = 'dist/apps/api/src/cli.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly variables?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
}

/** The compiled command line, away from a terminal, as a script calls it. */
export async function cli(args: readonly string[], { variables = {}, input = '' }: Call = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...variables };
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: 'pipe' });
  const ended = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  child.stdin.on('error', () => undefined); // it may not be read at all
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...ended };
}
