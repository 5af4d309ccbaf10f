import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatedTask } from '@app/database';
import { DataSource } from 'typeorm';
import { JobHandlers } from '../job-handlers.js';

/** How long a job that has ended can be asked for, unless its type says less. */
const KEPT_S = 30 * 86_400;
/** The lines of those that have failed, which may be large, go with their rows. */
const BATCH_ROWS = 50;
const PERIOD_MS = 60_000;

/**
 * What ended long ago was asked for before: `created_at` is what the indexes know. Materialised, since a plan that asked
 * the subquery again and again would go beyond its limit.
 */
const SWEEP = `
  WITH ended AS MATERIALIZED (
    SELECT id FROM jobs
    WHERE created_at <= now() - make_interval(secs => $1) AND finished_at <= now() - make_interval(secs => $1)
      AND ($2::text IS NULL OR type = $2)
    ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  DELETE FROM jobs job USING ended WHERE job.id = ended.id`;

/** Removes jobs that ended long ago, a few at a time. Any number of instances may do so at once: each takes its own rows. */
@Injectable()
export class JobSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task = new RepeatedTask({ what: 'old jobs are removed', periodMs: PERIOD_MS }, () => this.sweep());

  constructor(
    private readonly dataSource: DataSource,
    private readonly handlers: JobHandlers,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** @returns how many jobs it has removed. */
  async sweep(): Promise<number> {
    let removed = await this.remove(KEPT_S);
    for (const { type } of this.handlers.all()) {
      if (type.keptForS !== undefined) removed += await this.remove(type.keptForS, type.name);
    }
    return removed;
  }

  private async remove(keptForS: number, type?: string): Promise<number> {
    let removed = 0;
    for (let count = BATCH_ROWS; count === BATCH_ROWS && !this.task.isStopped; removed += count) {
      const parameters = [keptForS, type ?? null, BATCH_ROWS];
      [, count] = await this.dataSource.query<[unknown, number]>(SWEEP, parameters);
    }
    return removed;
  }
}
