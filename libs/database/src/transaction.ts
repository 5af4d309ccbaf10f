import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { isRetryable } from './database-errors.js';

/** Deadlock and serialization victims are run again this often before the caller hears of it. */
const RETRIES = 2;

/** Runs a piece of work in one database transaction: all of it commits, or nothing. */
@Injectable()
export class Transaction {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param work gets the manager of the transaction; use `manager.withRepository(this.orders)`. It may run up to three
   *   times, so it keeps its side effects inside the transaction.
   * @throws whatever `work` throws, after the rollback.
   */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    for (let retriesLeft = RETRIES; ; retriesLeft -= 1) {
      try {
        return await this.dataSource.transaction(work);
      } catch (error) {
        if (retriesLeft === 0 || !isRetryable(error)) throw error;
      }
    }
  }
}
