import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { programFile } from './installed.js';
import { end } from './processes.js';
import { canConnect, freePort } from './throw-away-redis.js';
import { until } from './waiting.js';

const SHIPPED = 'deploy/pgbouncer/pgbouncer.ini';
/** PgBouncer refuses to run as root. */
const NOBODY = 65_534;

export interface PgBouncerOptions {
  /** Where PostgreSQL is, and who may go there. */
  readonly databaseUrl: string;
  /** Instead of the 15 s of the file: no test waits that long. */
  readonly statementTimeoutMs?: number;
  /** Lines after those of the file: `default_pool_size = 3`. */
  readonly settings?: readonly string[];
}

/** Debian's PgBouncer with the settings that are shipped, on one port for all its lives. */
export class ThrowAwayPgBouncer {
  private server: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly databaseUrl: string,
  ) {}

  static async start(options: PgBouncerOptions): Promise<ThrowAwayPgBouncer> {
    const directory = fs.mkdtempSync('/tmp/plinth-pgbouncer-');
    const pooler = new ThrowAwayPgBouncer(directory, await freePort(), options.databaseUrl);
    pooler.configure(options);
    await pooler.startAgain();
    return pooler;
  }

  /** @param database another one of the same server. */
  url(database?: string): string {
    const url = new URL(this.databaseUrl);
    url.port = String(this.port);
    if (database !== undefined) url.pathname = `/${database}`;
    return url.href;
  }

  get log(): string {
    return fs.readFileSync(`${this.directory}/log`, 'utf8');
  }

  async startAgain(): Promise<void> {
    const file = programFile('pgbouncer');
    if (file === undefined) throw new Error('pgbouncer is not installed');
    const account = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const server = spawn(file, ['--quiet', 'pgbouncer.ini'], { ...account, cwd: this.directory, stdio: 'ignore' });
    this.server = server;
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`pgbouncer ended with ${server.exitCode}: ${this.log}`);
      return canConnect(this.port);
    });
  }

  /** At once: clients are cut. */
  async stop(): Promise<void> {
    if (this.server) await end(this.server, 'SIGTERM');
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  /** Only where things are differs from the file, and what the test says. */
  private configure({ databaseUrl, statementTimeoutMs = 15_000, settings = [] }: PgBouncerOptions): void {
    const { hostname, port, username, password } = new URL(databaseUrl);
    const shipped = fs.readFileSync(SHIPPED, 'utf8');
    const configured = shipped
      .replace('host=postgres port=5432', `host=${hostname} port=${port}`)
      .replace('statement_timeout = 15000', `statement_timeout = ${statementTimeoutMs}`);
    const places = ['listen_addr = 127.0.0.1', `listen_port = ${this.port}`, 'auth_file = users', 'logfile = log'];
    this.write('pgbouncer.ini', [configured, ...places, ...settings].join('\n'));
    this.write('users', `"${username}" "${decodeURIComponent(password)}"\n`);
    this.write('log', '');
    if (process.geteuid?.() === 0) fs.chownSync(this.directory, NOBODY, NOBODY);
  }

  private write(name: string, text: string): void {
    const file = `${this.directory}/${name}`;
    fs.writeFileSync(file, text, { mode: 0o600 });
    if (process.geteuid?.() === 0) fs.chownSync(file, NOBODY, NOBODY);
  }
}
