import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { Cluster } from '../support/cluster.js';
import type { SignedIn } from '../support/factory.js';
import { describeWith } from '../support/installed.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';
import { Wire, type WireAnswer } from '../support/wire.js';

const LANES = 6;
const AWAY_MS = 1_500;
/** From the moment at which PostgreSQL answers again. */
const RECOVERY_LIMIT_MS = 5_000;
const RETRY_MS = 100;
const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let cluster: Cluster;
let wire: Wire;

/** A client as it should be: every write has a key, and is repeated until it is answered. */
class Writer {
  readonly acknowledged = new Map<string, string>();
  readonly refusals: WireAnswer[] = [];
  lastAt = 0;
  isRunning = true;

  constructor(private readonly customer: SignedIn) {}

  async run(): Promise<void> {
    while (this.isRunning) await this.write(randomUUID());
  }

  private async write(key: string): Promise<void> {
    for (;;) {
      const headers = { 'Idempotency-Key': key };
      const answer = await wire.post('/orders', { as: this.customer.token, body: ORDER, headers });
      if (answer.status === 201) {
        this.acknowledged.set(key, answer.body.id);
        this.lastAt = performance.now();
        return;
      }
      this.refusals.push(answer);
      await delay(RETRY_MS);
    }
  }
}

describeWith('redis-server', 'nginx')('three instances write while PostgreSQL is restarted', () => {
  beforeAll(async () => {
    postgres = await ThrowAwayPostgres.start();
    forAll.add(() => postgres.remove());
    cluster = await Cluster.start(forAll, { databaseUrl: postgres.url });
    wire = new Wire(cluster.url);
    forAll.add(() => wire.close());
  });

  it('keyed writes are repeated until they are answered → none is lost or doubled, none fails with 500', async () => {
    const customers = await Promise.all(Array.from({ length: LANES }, () => cluster.factory.signedIn()));
    const writers = customers.map((customer) => new Writer(customer));
    const running = Promise.all(writers.map((writer) => writer.run()));
    await until(() => writers.every(({ acknowledged }) => acknowledged.size > 5));
    await postgres.stop();
    await delay(AWAY_MS);
    await postgres.startAgain();
    const backAt = performance.now();
    await until(() => writers.every(({ lastAt }) => lastAt > backAt), RECOVERY_LIMIT_MS);
    for (const writer of writers) writer.isRunning = false;
    await running;
    for (const { status, body, headers } of writers.flatMap(({ refusals }) => refusals)) {
      const isExpected = status === 503 || (status === 409 && body.code === 'idempotency.in_progress');
      expect({ status, isExpected, body }).toMatchObject({ isExpected: true });
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    const acknowledged = writers.flatMap((writer) => [...writer.acknowledged.values()]);
    const kept = await postgres.query<{ id: string }>('SELECT id FROM orders');
    expect(kept.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
  });
});
