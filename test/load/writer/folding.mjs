import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const BATCH = 10_000;

/** Folds the changes of the writers into the sums once a second, as the application does beside them. */
export class Folding {
  static async start(url) {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(`SELECT to_regprocedure('analytics_fold(integer)') IS NOT NULL AS "isThere"`);
    const folding = new Folding(client);
    folding.loop = rows[0].isThere ? folding.run() : Promise.resolve();
    return folding;
  }

  constructor(client) {
    this.client = client;
    this.stopping = new AbortController();
  }

  /** Nothing is left to fold after it. */
  async stop() {
    this.stopping.abort();
    await this.loop;
    await this.client.end();
  }

  async run() {
    while (!this.stopping.signal.aborted) {
      await delay(1_000, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      for (let folded = BATCH; folded >= BATCH;) {
        const { rows } = await this.client.query('SELECT analytics_fold($1)::int AS count', [BATCH]);
        folded = rows[0].count;
      }
    }
  }
}
