import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import type { Launch } from './launch.js';
import { Output } from './output.js';
import { runProgram } from './program.js';
import { type ServerSignal, signalServer } from './signal.js';
import { resolvesWithin } from './waiting.js';

const SILENCE_LIMIT_MS = 30_000;
const START_LIMIT_MS = 300_000;
const FAST_LIMIT_MS = 10_000;
const IMMEDIATE_LIMIT_MS = 10_000;

/** One running `postgres` process. Its log is read for as long as it lives: a full pipe would stop the server. */
export class ServerProcess {
  readonly pid: number;
  /** Resolves, and never rejects, when the process has ended. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #launch: Launch;
  readonly #output: Output;
  readonly #closed: Promise<unknown>;
  #onLine: (line: string) => void = () => undefined;
  #isExpectedToEnd = true;

  /** @param child just started, its stderr not read yet */
  constructor(child: ChildProcess, launch: Launch) {
    if (child.pid === undefined) throw new EmbeddedPostgresError('the server has no process id');
    this.pid = child.pid;
    this.#child = child;
    this.#launch = launch;
    this.#output = new Output(child.stderr, (line) => this.#hear(line));
    this.#closed = new Promise((resolve) => child.once('close', resolve));
    this.ended = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => this.#reportEnd());
  }

  /**
   * Waits until the server takes connections. Recovery after a crash may take long, and reports every 10 s; so it is
   * silence that counts as failure: 30 s of it, or 5 min in all.
   *
   * @returns undefined when it is ready, else the end of its output; then it has ended
   */
  async untilReady(): Promise<string | undefined> {
    const isReady = await this.#readyOrNot();
    this.#onLine = () => undefined;
    this.#isExpectedToEnd = !isReady;
    if (isReady) return undefined;
    const reason = this.#hasEnded() ? this.#describeEnd() : 'silent for 30 s or not ready after 5 min';
    await this.stop();
    await resolvesWithin(this.#closed, 500); // for the last words; a left-over backend may hold the pipe open
    return `${reason}\n${this.#output.tail}`;
  }

  /** Stops the server: fast shutdown, after 10 s immediate shutdown, after 10 s more SIGKILL. */
  async stop(): Promise<void> {
    this.#isExpectedToEnd = true;
    if (this.#hasEnded()) return;
    if (await this.#endsBy('SIGINT', FAST_LIMIT_MS)) return;
    this.#launch.onLog('PostgreSQL does not shut down in 10 s: immediate shutdown');
    if (await this.#endsBy('SIGQUIT', IMMEDIATE_LIMIT_MS)) return;
    await this.#endsBy('SIGKILL', IMMEDIATE_LIMIT_MS);
  }

  async #endsBy(signal: ServerSignal, limitMs: number): Promise<boolean> {
    if (process.platform === 'win32' && signal !== 'SIGKILL') await this.#stopByPgCtl(signal);
    else if (!this.#hasEnded()) signalServer(this.pid, signal);
    return resolvesWithin(this.ended, limitMs);
  }

  /** On Windows every signal of Node kills; pg_ctl asks the server instead. */
  async #stopByPgCtl(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const mode = signal === 'SIGINT' ? 'fast' : 'immediate';
    const args = ['stop', '-D', path.join(this.#launch.dataDir, 'pgdata'), '-m', mode, '-W'];
    try {
      await runProgram(this.#launch, 'pg_ctl', { args, limitMs: FAST_LIMIT_MS });
    } catch (error) {
      this.#launch.onLog(String(error)); // the caller goes on to the next, harder way
    }
  }

  async #readyOrNot(): Promise<boolean> {
    const verdict = Promise.withResolvers<boolean>();
    const silence = setTimeout(verdict.resolve, SILENCE_LIMIT_MS, false);
    const limit = setTimeout(verdict.resolve, START_LIMIT_MS, false);
    this.#onLine = (line) => {
      silence.refresh();
      if (/database system is ready to accept (read-only )?connections/.test(line)) verdict.resolve(true);
    };
    void this.ended.then(() => verdict.resolve(false));
    const isReady = await verdict.promise;
    clearTimeout(silence);
    clearTimeout(limit);
    return isReady && !this.#hasEnded();
  }

  #hear(line: string): void {
    this.#launch.onServerLog(line);
    this.#onLine(line);
  }

  #reportEnd(): void {
    if (this.#isExpectedToEnd) return;
    this.#launch.onLog(`PostgreSQL has ended unexpectedly (${this.#describeEnd()})`);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #describeEnd(): string {
    return this.#child.signalCode ?? `code ${this.#child.exitCode}`;
  }
}
