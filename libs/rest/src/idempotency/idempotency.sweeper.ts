import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { DataSource } from 'typeorm';

const BATCH_ROWS = 500;
const PERIOD_MS = 60_000;
/** Instances that were started together do not sweep together. */
const JITTER = 0.2;

/** Materialised, since a plan that asked the subquery again and again would go beyond its limit. */
const SWEEP = `
  WITH expired AS MATERIALIZED (
    SELECT scope, key FROM idempotency_keys WHERE created_at <= now() - interval '24 hours'
    ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  DELETE FROM idempotency_keys kept USING expired WHERE kept.scope = expired.scope AND kept.key = expired.key`;

/** Removes expired keys, a few at a time. Any number of instances may do so at once: each takes rows that no other has. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new AppLogger(IdempotencySweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** @returns how many rows it has removed. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (let count = BATCH_ROWS; count === BATCH_ROWS && !this.isStopped; removed += count) {
      [, count] = await this.dataSource.query<[unknown, number]>(SWEEP, [BATCH_ROWS]);
    }
    return removed;
  }

  private schedule(): void {
    if (this.isStopped) return;
    const waitMs = PERIOD_MS * (1 - JITTER + 2 * JITTER * Math.random());
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, waitMs).unref();
  }

  private async run(): Promise<void> {
    try {
      const removed = await this.sweep();
      if (removed > 0) this.log.debug('expired idempotency keys removed', { removed });
    } catch (error) {
      this.log.error('expired idempotency keys were not removed', { error });
    }
    this.schedule();
  }
}
