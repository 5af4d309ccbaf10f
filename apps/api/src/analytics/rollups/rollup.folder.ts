import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatedTask } from '@app/database';
import { DataSource } from 'typeorm';

const BATCH_ROWS = 5_000;
const PERIOD_MS = 1_000;

/**
 * Moves what writers have appended into the rollups, so that readers find little of it there. Their answers are the same
 * before and after; any number of instances may try, one does it.
 */
@Injectable()
export class RollupFolder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task = new RepeatedTask({ what: 'changes are folded into rollups', periodMs: PERIOD_MS }, () =>
    this.fold(),
  );

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** @returns how many rows it has moved. */
  async fold(): Promise<number> {
    let folded = 0;
    for (let count = BATCH_ROWS; count >= BATCH_ROWS && !this.task.isStopped; folded += count) {
      const [row] = await this.dataSource.query<{ count: number }[]>('SELECT analytics_fold($1) AS count', [
        BATCH_ROWS,
      ]);
      count = row?.count ?? 0;
    }
    return folded;
  }
}
