import { AppLogger } from '@app/logging';
import type { DataSource, QueryRunner } from 'typeorm';
import type { DatabaseSettings } from '../data-source-options.js';
import { openDataSource } from '../open-data-source.js';
import type { SnapshotWork } from '../snapshot-work.js';
import { replicaLag } from './replica.metrics.js';
import type { WalHistory } from './wal-history.js';

/** A replica that is further behind is not read. */
export const MAX_LAG_MS = 5_000;
/** Nor is one that has said nothing for this long. */
const SILENCE_MS = 1_500;

const STATE = `
  SELECT pg_is_in_recovery() AS "isReplica",
         pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint AS replayed,
         pg_last_xact_replay_timestamp() AS "replayedAt"`;

/** No transaction from here on is in the snapshot. */
const HORIZON = 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS horizon';

interface State {
  /** False once it was promoted: then it goes its own way. */
  readonly isReplica: boolean;
  readonly replayed: number | null;
  /** When the last transaction that it has replayed was committed, by the clock of the primary. */
  readonly replayedAt: Date | null;
}

/** One streaming replica, with connections of its own, and how far it is. */
export class Replica {
  private source: DataSource | undefined;
  private replayed: number | undefined;
  private answeredAt = 0;

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly name: string,
    private readonly history: WalHistory,
  ) {}

  /** Asks how far it is, and connects first where nobody has. @throws when it does not answer, or is no replica. */
  async look(): Promise<void> {
    try {
      this.source ??= await openDataSource({ ...this.settings, connectAttempts: 1 });
      const askedAt = performance.now();
      const { isReplica, replayed } = stateIn(await this.source.query<State[]>(STATE));
      if (!isReplica || replayed === null) throw new Error('it is no replica');
      [this.replayed, this.answeredAt] = [replayed, askedAt];
      replicaLag.set({ replica: this.name }, (this.history.lagMs(replayed, askedAt) ?? 0) / 1_000);
    } catch (error) {
      this.replayed = undefined;
      replicaLag.remove({ replica: this.name });
      throw error;
    }
  }

  /** Its connections; none before it has answered. */
  get dataSource(): DataSource | undefined {
    return this.source;
  }

  /** Whether it has, for all that is known, everything up to this position, and is not far behind otherwise. */
  has(position: number): boolean {
    const now = performance.now();
    if (this.replayed === undefined || this.replayed < position || now - this.answeredAt > SILENCE_MS) return false;
    return (this.history.lagMs(this.replayed, now) ?? Infinity) <= MAX_LAG_MS;
  }

  /** @returns undefined when the server behind this connection is not as far, or nobody knows when its state was. */
  async read<T>(work: SnapshotWork<T>, position: number): Promise<{ readonly result: T } | undefined> {
    const runner = this.source?.createQueryRunner();
    if (!runner) return undefined;
    try {
      const at = this.completeAt(stateIn(await runner.manager.query<State[]>(STATE)), position);
      return at && { result: await inSnapshot(runner, (horizon) => work(runner.manager, at, horizon)) };
    } finally {
      await runner.release();
    }
  }

  async close(): Promise<void> {
    replicaLag.remove({ replica: this.name });
    await this.source?.destroy().catch((error: unknown) => new AppLogger('Database').debug('a replica', { error }));
  }

  /** Asked before the snapshot is taken: that has all of this, and may have a little more. */
  private completeAt({ isReplica, replayed, replayedAt }: State, position: number): Date | undefined {
    if (!isReplica || replayed === null || replayed < position) return undefined;
    const known = this.history.completeAt(replayed);
    if (!known || !replayedAt) return known ?? replayedAt ?? undefined;
    return known > replayedAt ? known : replayedAt;
  }
}

async function inSnapshot<T>(runner: QueryRunner, work: (horizon: string) => Promise<T>): Promise<T> {
  await runner.startTransaction('REPEATABLE READ');
  try {
    const [row] = await runner.manager.query<{ horizon: string }[]>(HORIZON);
    const result = await work(row?.horizon ?? '0');
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined); // the connection is gone, or the first error says why
    throw error;
  }
}

function stateIn([state]: readonly State[]): State {
  if (!state) throw new Error('the database does not say how far it is');
  return state;
}
