import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../libs/database/src/embedded/embedded-postgres.js';
import { childrenOf, sendSignal } from './processes.js';

/** A PostgreSQL of the test's own, on one port for all its life, that a test may take away and give back. */
export class ThrowAwayPostgres {
  private constructor(
    /** Of an empty database. */
    readonly url: string,
    private readonly dataDir: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<ThrowAwayPostgres> {
    const dataDir = fs.mkdtempSync('/tmp/plinth-postgres-');
    const server = await startEmbeddedPostgres({ dataDir, flags: FAST });
    return new ThrowAwayPostgres(server.url, dataDir, server);
  }

  /** A streaming replica of another one, which is away for a moment while its files are copied. */
  static async replicaOf(primary: ThrowAwayPostgres): Promise<ThrowAwayPostgres> {
    const dataDir = fs.mkdtempSync('/tmp/plinth-replica-');
    await primary.stop();
    execFileSync('cp', ['-a', `${primary.dataDir}/.`, dataDir]); // with the owners
    await primary.startAgain();
    const { hostname, port, username, password } = new URL(primary.url);
    const source = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`;
    fs.appendFileSync(`${dataDir}/pgdata/postgresql.auto.conf`, `primary_conninfo = '${source}'\n`);
    fs.writeFileSync(`${dataDir}/pgdata/standby.signal`, '');
    const server = await startEmbeddedPostgres({ dataDir, flags: FAST });
    return new ThrowAwayPostgres(server.url, dataDir, server);
  }

  /** Fast shutdown: clients are cut, and nobody listens any more. */
  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** After {@link stop}: the same data on the same port. */
  async startAgain(): Promise<void> {
    this.server = await startEmbeddedPostgres({
      dataDir: this.dataDir,
      flags: [...FAST, '-p', new URL(this.url).port],
    });
  }

  /** Everything of it stands still: connections stay open, and nobody answers. */
  freeze(): void {
    process.kill(this.server.pid, 'SIGSTOP'); // first: from now on it has no new children
    for (const pid of childrenOf(this.server.pid)) sendSignal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of childrenOf(this.server.pid)) sendSignal(pid, 'SIGCONT');
    sendSignal(this.server.pid, 'SIGCONT');
  }

  async query<Row extends pg.QueryResultRow>(statement: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return (await client.query<Row>(statement, [...parameters])).rows;
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.server.stop();
    fs.rmSync(this.dataDir, { recursive: true });
  }
}

const FAST = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
