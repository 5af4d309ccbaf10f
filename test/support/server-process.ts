import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiClient } from './api-client.js';
import { Contract } from './contract.js';
import { LogCapture } from './log-capture.js';
import { until, within } from './waiting.js';

export const MAIN = 'dist/apps/api/src/main.js';
export const MIGRATE = 'dist/apps/api/src/migrate.js';
/** Signs the tokens of all instances that a test starts. */
export const KEYS = 'k1=Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0';
const LIMIT_MS = 25_000;

export interface ServerCommand {
  readonly variables: Readonly<Record<string, string>>;
  /** What is run; the server unless given. */
  readonly entry?: string;
  readonly cwd?: string;
  /** Whose rights it has; those of the test unless given. */
  readonly uid?: number;
  /** Module that is loaded first. */
  readonly hook?: string;
}

/** The compiled application as a process of its own, in an environment that holds nothing but what the test gives. */
export class ServerProcess {
  readonly log = new LogCapture();
  stderr = '';
  private stdout = '';
  private ending: string | undefined;
  private readonly closed: Promise<string>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly leadsGroup = false,
  ) {
    if (child.stdout) createInterface(child.stdout).on('line', (line) => this.hear(line));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.closed = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? `code ${code}`)));
    void this.closed.then((ending) => (this.ending = ending));
  }

  static spawn({ variables, entry = MAIN, cwd, uid, hook }: ServerCommand): ServerProcess {
    const args = [...(hook === undefined ? [] : ['--import', hook]), entry];
    const env = { PATH: process.env['PATH'], PORT: '0', ...variables };
    return new ServerProcess(spawn(process.execPath, args, { env, cwd, uid, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Through npm, in a process group of its own, as a terminal or a supervisor starts it. */
  static spawnNpm(script: string, variables: ServerCommand['variables']): ServerProcess {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', ...variables };
    const args = ['run', '--silent', script];
    return new ServerProcess(spawn('npm', args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), true);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process was not started');
    return this.child.pid;
  }

  /** Lines of the log with this message. A line on standard output that is not JSON is an error. */
  said(message: string): Record<string, unknown>[] {
    return this.log.lines().filter((line) => line['message'] === message);
  }

  /** Waits for a line with this message; fails when the process ends without it. */
  async says(message: string): Promise<Record<string, unknown>> {
    await until(() => this.said(message).length > 0 || this.ending !== undefined, LIMIT_MS);
    const [line] = this.said(message);
    if (line) return line;
    throw new Error(`ended (${this.ending}) without "${message}": ${this.everything()}`);
  }

  /** Waits until it listens. @returns where. */
  async listening(): Promise<string> {
    return String((await this.says('listening'))['url']);
  }

  /** A client that holds every answer against the document that this process serves. */
  async client(): Promise<ApiClient> {
    const url = await this.listening();
    const answer = await fetch(`${url}/openapi.json`);
    const document: OpenAPIObject = JSON.parse(await answer.text());
    return new ApiClient(url, new Contract(document), this.log);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** To the process and all that it has started in its group. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-this.pid, name);
  }

  /** Waits for the end of the process and of all that write to its output. @returns `code 0`, `SIGKILL`, … */
  async ended(): Promise<string> {
    return within(LIMIT_MS, `the end of ${this.pid}: ${this.everything()}`, this.closed);
  }

  /** For after a test: whatever state it is in, it is gone. */
  async kill(): Promise<void> {
    if (this.ending !== undefined) return;
    if (this.leadsGroup) this.signalGroup('SIGKILL');
    else this.signal('SIGKILL');
    await this.closed;
  }

  private hear(line: string): void {
    this.stdout += `${line}\n`;
    this.log.write(line);
  }

  private everything(): string {
    return `${this.stdout}${this.stderr}`;
  }
}
