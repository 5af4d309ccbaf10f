import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatedTask } from '@app/database';
import { DataSource } from 'typeorm';

const BATCH_ROWS = 500;
const PERIOD_MS = 60_000;

/** Materialised, since a plan that asked the subquery again and again would go beyond its limit. */
const SWEEP = `
  WITH expired AS MATERIALIZED (
    SELECT scope, key FROM idempotency_keys WHERE created_at <= now() - interval '24 hours'
    ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  DELETE FROM idempotency_keys kept USING expired WHERE kept.scope = expired.scope AND kept.key = expired.key`;

/** Removes expired keys, a few at a time. Any number of instances may do so at once: each takes rows that no other has. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task = new RepeatedTask({ what: 'expired idempotency keys are removed', periodMs: PERIOD_MS }, () =>
    this.sweep(),
  );

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** @returns how many rows it has removed. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (let count = BATCH_ROWS; count === BATCH_ROWS && !this.task.isStopped; removed += count) {
      [, count] = await this.dataSource.query<[unknown, number]>(SWEEP, [BATCH_ROWS]);
    }
    return removed;
  }
}
