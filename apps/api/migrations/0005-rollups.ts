import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fold, verification, views } from './rollups/rollup.js';
import { ROLLUPS } from './rollups/rollups.js';
import { TABLES } from './rollups/tables.js';
import { TRIGGERS } from './rollups/triggers.js';

/** docs/adr/0008-rollups-from-change-rows.md says why they are built this way. */
export class Rollups0000000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...TABLES,
      ...ROLLUPS.flatMap(views),
      ...ROLLUPS.map(verification),
      FOLD,
      FORGET,
      MEND,
      ...TRIGGERS,
      'SELECT analytics_mend()', // from what is there already
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** Moves up to so many rows of a log into its rollups. */
function foldOf(log: string): string {
  const rollups = ROLLUPS.filter((rollup) => rollup.log === log);
  return `
    WITH taken AS (
      DELETE FROM ${log} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${log} LIMIT max)) RETURNING *),
    ${rollups.map((rollup) => fold(rollup, 'taken')).join(',')}
    SELECT count(*) INTO taken_rows FROM taken;
    folded := folded + taken_rows;`;
}

/** `analytics_fold(max)`: how many rows it has moved. One runs at a time, and no writer waits for it. */
const FOLD = `
  CREATE FUNCTION analytics_fold(max integer) RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  DECLARE folded bigint := 0; taken_rows bigint;
  BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('analytics_fold')) THEN RETURN 0; END IF;
    ${[...new Set(ROLLUPS.map(({ log }) => log))].map(foldOf).join('')}
    DELETE FROM analytics_moves WHERE xid < pg_snapshot_xmin(pg_current_snapshot());
    RETURN folded;
  END $$`;

/** `analytics_mend()`: brings all rollups to what a recount says, and returns how many rows differed. */
const MEND = `
  CREATE FUNCTION analytics_mend() RETURNS bigint LANGUAGE sql SET search_path FROM CURRENT AS $$
    SELECT analytics_forget();
    SELECT ${ROLLUPS.map(({ name }) => `analytics_verify_${name}(true)`).join(' + ')}
  $$`;

/** What was computed before somebody wrote past the triggers is found by no comparison of sums. */
const FORGET = `
  CREATE FUNCTION analytics_forget() RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
    DELETE FROM analytics_percentiles;
    DELETE FROM analytics_cohorts;
  $$`;
