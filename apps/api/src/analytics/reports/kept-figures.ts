import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatedTask } from '@app/database';
import { AppLogger } from '@app/logging';
import { DataSource } from 'typeorm';

const PERIOD_MS = 3_600_000;
const BATCH_ROWS = 5_000;

const TABLES = ['analytics_percentiles', 'analytics_cohorts'];

const FORGET = (table: string) => `
  DELETE FROM ${table} WHERE ctid = ANY (
    ARRAY(SELECT ctid FROM ${table} WHERE kept_at < now() - interval '90 days' LIMIT $1 FOR UPDATE SKIP LOCKED))`;

/** Figures that no sum can tell, kept for whoever asks next, for 90 days: they can be computed again. */
@Injectable()
export class KeptFigures implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new AppLogger(KeptFigures.name);
  private readonly task = new RepeatedTask({ what: 'old figures are forgotten', periodMs: PERIOD_MS }, () =>
    this.forgetOld(),
  );

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /**
   * The answer that they are of is there; that they could not be kept costs the next one time, no more.
   *
   * @param values of the statement; the last one is the horizon of the snapshot that the figures are of.
   */
  async keep(statement: string, values: readonly unknown[]): Promise<void> {
    try {
      await this.dataSource.query(statement, [...values]);
    } catch (error) {
      this.log.warn('figures were not kept', { error });
    }
  }

  /** @returns how many rows it has removed. */
  async forgetOld(): Promise<number> {
    let forgotten = 0;
    for (const table of TABLES) {
      for (let count = BATCH_ROWS; count === BATCH_ROWS && !this.task.isStopped; forgotten += count) {
        [, count] = await this.dataSource.query<[unknown, number]>(FORGET(table), [BATCH_ROWS]);
      }
    }
    return forgotten;
  }
}
