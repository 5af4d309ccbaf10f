import { isSettled } from './settled.js';

/** $1 edges of months, $2 grain: writes to the orders of each month that has any, numbered from 1. */
export const WRITES = `
  SELECT width_bucket(at, $1::timestamptz[]) AS month, sum(writes)::bigint AS writes FROM (
    SELECT start AS at, writes FROM analytics_revenue
    WHERE grain = $2 AND currency IN (SELECT currency FROM analytics_revenue WHERE grain = 'all')
      AND start >= ($1::timestamptz[])[1] AND start < ($1::timestamptz[])[cardinality($1)]
    UNION ALL
    SELECT at, writes FROM analytics_changes
    WHERE at >= ($1::timestamptz[])[1] AND at < ($1::timestamptz[])[cardinality($1)]) AS parts
  GROUP BY month`;

/** Registrations that were rewritten, so far. */
export const MOVED = `
  SELECT coalesce(sum(moved), 0)::bigint AS moved FROM (
    SELECT moved FROM analytics_users UNION ALL SELECT moved FROM analytics_user_changes) AS parts`;

/** $1 edges of months. */
export const SIZES = `
  SELECT width_bucket(created_at, $1::timestamptz[]) AS cohort, count(*) AS users FROM users
  WHERE created_at >= ($1::timestamptz[])[1] AND created_at < ($1::timestamptz[])[cardinality($1)] GROUP BY cohort`;

/** $1 edges of months, $2 number of one: how many of each cohort placed an order in it. */
export const ACTIVE = `
  SELECT cohort, count(*) AS active FROM (
    SELECT DISTINCT o.user_id, width_bucket(u.created_at, $1::timestamptz[]) AS cohort
    FROM orders AS o JOIN users AS u ON u.id = o.user_id
    WHERE o.placed_at >= ($1::timestamptz[])[$2] AND o.placed_at < ($1::timestamptz[])[$2 + 1]
      AND u.created_at >= ($1::timestamptz[])[1] AND u.created_at < ($1::timestamptz[])[$2 + 1]) AS users
  GROUP BY cohort`;

/** $1 edges of months, $2 numbers and $3 writes of months, $4 moved, $5 grain: the cells that still hold. */
export const KEPT_CELLS = `
  SELECT month, cohort, active
  FROM unnest($2::integer[], $3::bigint[]) AS months (month, writes)
  CROSS JOIN LATERAL generate_series(1, month) AS cohort
  JOIN analytics_cohorts AS kept
    ON registered_after = ($1::timestamptz[])[cohort] AND registered_before = ($1::timestamptz[])[cohort + 1]
    AND after = ($1::timestamptz[])[month] AND before = ($1::timestamptz[])[month + 1]
    AND kept.writes = months.writes AND moved = $4 AND grain = $5`;

/** $1 edges of months, $2 month, $3 writes of it, $4 moved, $5 active of its cohorts from the first on, $6 grain, $7 horizon. */
export const KEEP_CELLS = `
  INSERT INTO analytics_cohorts AS kept (grain, registered_after, registered_before, after, before, writes, moved, active)
  SELECT $6, ($1::timestamptz[])[cohort], ($1::timestamptz[])[cohort + 1], ($1::timestamptz[])[$2], ($1::timestamptz[])[$2 + 1],
         $3, $4, active
  FROM unnest($5::bigint[]) WITH ORDINALITY AS cells (active, cohort)
  WHERE ${isSettled('$7')}
  ON CONFLICT (grain, registered_after, registered_before, after, before) DO UPDATE
    SET writes = excluded.writes, moved = excluded.moved, active = excluded.active, kept_at = now()
    WHERE kept.writes <= excluded.writes AND kept.moved <= excluded.moved`;
