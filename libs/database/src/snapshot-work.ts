import type { EntityManager } from 'typeorm';

/**
 * Reads of one state of the database.
 *
 * @param at by the clock of the primary: everything committed by then is in that state.
 * @param horizon null for a state of the primary. A state of a replica may have transactions that others on the primary do
 *   not see yet: they see all of them once `pg_snapshot_xmin(pg_current_snapshot())` there is this `xid8` or later.
 */
export type SnapshotWork<T> = (manager: EntityManager, at: Date, horizon: string | null) => Promise<T>;
