import pg from 'pg';

const DEADLINE_MS = 10_000;

/** A connection of the application, as the server sees it. */
export interface Backend {
  readonly pid: number;
  /** What it runs, or ran last. */
  readonly query: string;
}

/** A lock held by a connection of the test's own, so that the test decides in which order requests go on. */
export class HeldLock {
  private isHeld = true;

  private constructor(private readonly holder: pg.Client) {}

  /**
   * @param statement takes the lock: `LOCK TABLE orders`, `SELECT … FOR UPDATE`.
   * @param work what happens meanwhile; the lock is gone after it, whatever comes of it.
   */
  static async during<T>(url: string, statement: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
    const holder = new pg.Client(url);
    await holder.connect();
    const lock = new HeldLock(holder);
    try {
      await holder.query('BEGIN');
      await holder.query(statement);
      return await work(lock);
    } finally {
      await lock.end('ROLLBACK');
    }
  }

  /** Resolves once `count` connections wait for a lock. */
  waiters(count: number): Promise<Backend[]> {
    return this.backends(`wait_event_type = 'Lock'`, count);
  }

  /** Resolves once `count` connections have finished a statement with this text that they began under the lock. */
  finishers(text: string, count: number): Promise<Backend[]> {
    const hasText = `strpos(lower(query), ${pg.escapeLiteral(text.toLowerCase())}) > 0`;
    return this.backends(`state = 'idle' AND query_start > now() AND ${hasText}`, count);
  }

  /** Runs in the transaction that holds the lock. */
  async query(statement: string): Promise<void> {
    await this.holder.query(statement);
  }

  /** Lets go, and keeps what {@link query} has changed. */
  commit(): Promise<void> {
    return this.end('COMMIT');
  }

  private async end(statement: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (!this.isHeld) return;
    this.isHeld = false;
    await this.holder.query(statement);
    await this.holder.end();
  }

  private async backends(condition: string, count: number): Promise<Backend[]> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      // Within a transaction PostgreSQL shows the activity as it was at the first look, unless it is told otherwise.
      await this.holder.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await this.holder.query<Backend>(
        `SELECT pid, query FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition} ORDER BY pid`,
      );
      if (rows.length === count) return rows;
      if (Date.now() > deadline) throw new Error(`${rows.length} connections, not ${count}, with ${condition}`);
    }
  }
}
