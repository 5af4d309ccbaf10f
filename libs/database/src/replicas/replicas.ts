import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppLogger, currentContext } from '@app/logging';
import { AppError } from '@app/problem';
import { DataSource } from 'typeorm';
import type { DatabaseSettings } from '../data-source-options.js';
import { RepeatedTask } from '../repeated-task.js';
import type { SnapshotWork } from '../snapshot-work.js';
import { Transaction } from '../transaction.js';
import { Replica } from './replica.js';
import { readsByTarget } from './replica.metrics.js';
import { PERIOD_MS, WalHistory } from './wal-history.js';
import { WrittenPositions } from './written-positions.js';

/** One {@link DatabaseSettings} for each replica. */
export const REPLICA_SETTINGS = Symbol('settings of replicas');

/** Time first. A commit that one can see is flushed before, unless it did not wait for that. */
const SAMPLE = `
  SELECT clock_timestamp() AS at,
         pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint AS inserted,
         pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint AS flushed,
         current_setting('synchronous_commit') = 'off' AS "isLate"`;

interface Sample {
  readonly at: Date;
  readonly inserted: number;
  readonly flushed: number;
  /** Whether commits return before they are flushed. */
  readonly isLate: boolean;
}

/** The streaming replicas: who may read where, and the reads themselves. */
@Injectable()
export class Replicas implements OnModuleInit, BeforeApplicationShutdown {
  private readonly log = new AppLogger(Replicas.name);
  private readonly history = new WalHistory();
  private readonly replicas: readonly Replica[];
  private readonly tasks: readonly RepeatedTask[];

  constructor(
    @Inject(REPLICA_SETTINGS) settings: readonly DatabaseSettings[],
    private readonly primary: DataSource,
    private readonly written: WrittenPositions,
    transaction: Transaction,
  ) {
    this.replicas = settings.map((each, index) => new Replica(each, String(index), this.history));
    this.tasks = [
      new RepeatedTask({ what: 'the primary is asked how far it is', periodMs: PERIOD_MS }, () => this.sample()),
      ...this.replicas.map(
        (replica, index) =>
          new RepeatedTask({ what: `replica ${index} is asked how far it is`, periodMs: PERIOD_MS }, () =>
            replica.look(),
          ),
      ),
    ];
    transaction.onCommit(() => this.noteWrite());
  }

  onModuleInit(): void {
    for (const task of this.tasks) task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
    await Promise.all(this.replicas.map((replica) => replica.close()));
  }

  /** Of those that have answered. */
  get dataSources(): readonly DataSource[] {
    return this.replicas.map(({ dataSource }) => dataSource).filter((source) => source !== undefined);
  }

  /** @returns undefined when the primary is to be asked. @throws AppError that `work` throws. */
  async read<T>(work: SnapshotWork<T>): Promise<{ readonly result: T } | undefined> {
    const answer = await this.attempt(work);
    readsByTarget.inc({ target: answer ? 'replica' : 'primary' });
    return answer;
  }

  private async attempt<T>(work: SnapshotWork<T>): Promise<{ readonly result: T } | undefined> {
    const caller = currentContext()?.userId ?? '';
    const position = await this.written.of(caller);
    if (position === undefined) return undefined;
    const able = this.replicas.filter((replica) => replica.has(position));
    const replica = able[turnOf(caller) % able.length];
    try {
      return await replica?.read(work, position);
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.log.warn('a replica failed: the primary is asked', { error });
      return undefined;
    }
  }

  private async sample(): Promise<Sample> {
    const askedAt = performance.now();
    const [row] = await this.primary.query<Sample[]>(SAMPLE);
    if (!row) throw new Error('the database does not say how far it is');
    this.history.note({ ...row, askedAt });
    return row;
  }

  /** Before the writer is answered: his next read, wherever it arrives, finds what he has written. */
  private async noteWrite(): Promise<void> {
    const caller = currentContext()?.userId;
    if (caller === undefined || caller === null) return;
    await this.written.remember(caller, await this.position().catch(() => Number.MAX_SAFE_INTEGER));
  }

  private async position(): Promise<number> {
    const { isLate, inserted, flushed } = await this.sample();
    return isLate ? inserted : flushed;
  }
}

/** A caller stays with one replica as long as the same ones are able: his time does not go back and forth. */
function turnOf(caller: string): number {
  return Number.parseInt(caller.slice(-8), 16) || 0;
}
