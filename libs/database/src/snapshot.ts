import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** Several reads that see the same state of the database, whatever commits between them. */
@Injectable()
export class Snapshot {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param work reads through the manager; `at` is when that state was, by the clock of the database. It holds a
   *   connection and, as every transaction does, keeps vacuum waiting: no slow client in it.
   */
  read<T>(work: (manager: EntityManager, at: Date) => Promise<T>): Promise<T> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const [row] = await manager.query<{ at: Date }[]>('SELECT statement_timestamp() AS at');
      if (!row) throw new Error('the database does not tell the time');
      return work(manager, row.at);
    });
  }
}
