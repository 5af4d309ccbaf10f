import { Injectable, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Replicas } from './replicas/replicas.js';
import type { SnapshotWork } from './snapshot-work.js';

/** Several reads that see the same state of the database, whatever commits between them. */
@Injectable()
export class Snapshot {
  constructor(
    private readonly dataSource: DataSource,
    @Optional() private readonly replicas?: Replicas,
  ) {}

  /**
   * @param work reads through the manager. It holds a connection and, as every transaction does, keeps vacuum waiting: no
   *   slow client in it.
   */
  read<T>(work: SnapshotWork<T>): Promise<T> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const [row] = await manager.query<{ at: Date }[]>('SELECT statement_timestamp() AS at');
      if (!row) throw new Error('the database does not tell the time');
      return work(manager, row.at, null);
    });
  }

  /**
   * As {@link read}, of a replica where there is one: some seconds old at most, and never older than what the caller has
   * written himself. Not for what a cache keeps: it would take the old for the new.
   *
   * @param work may run twice: a replica that fails is no reason to fail.
   */
  async readAllowingLag<T>(work: SnapshotWork<T>): Promise<T> {
    const answer = await this.replicas?.read(work);
    return answer ? answer.result : this.read(work);
  }
}
