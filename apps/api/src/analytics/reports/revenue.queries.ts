import { isSettled } from './settled.js';

/** The coarsest period of the rollup that all edges fall on; `exact` reads the base tables. */
export type Grain = 'day' | 'hour' | 'quarter' | 'exact';

const MINUTE_MS = 60_000;

/** No zone has had an offset other than whole quarters of an hour since 1972. */
export function grainOf(edges: readonly number[]): Grain {
  const fallOn = (minutes: number): boolean => edges.every((at) => at % (minutes * MINUTE_MS) === 0);
  if (fallOn(24 * 60)) return 'day';
  if (fallOn(60)) return 'hour';
  return fallOn(15) ? 'quarter' : 'exact';
}

const FOLDED = `
  SELECT start AS at, orders, writes, payments_cents, refunds_cents FROM analytics_revenue
  WHERE currency = $1 AND grain = $3 AND start >= ($2::timestamptz[])[1] AND start < ($2::timestamptz[])[cardinality($2)]
  UNION ALL
  SELECT at, orders, writes, payments_cents, refunds_cents FROM analytics_changes
  WHERE currency = $1 AND at >= ($2::timestamptz[])[1] AND at < ($2::timestamptz[])[cardinality($2)]`;

/** Without writes: percentiles of it are computed each time. */
const EXACT = `
  SELECT placed_at AS at, 1 AS orders, 0 AS writes, 0 AS payments_cents, 0 AS refunds_cents FROM orders
  WHERE currency = $1 AND placed_at >= ($2::timestamptz[])[1] AND placed_at < ($2::timestamptz[])[cardinality($2)]
    AND $3 = 'exact'
  UNION ALL
  SELECT created_at, 0, 0, CASE kind WHEN 'payment' THEN amount_cents ELSE 0 END,
         CASE kind WHEN 'refund' THEN amount_cents ELSE 0 END
  FROM transactions
  WHERE currency = $1 AND created_at >= ($2::timestamptz[])[1] AND created_at < ($2::timestamptz[])[cardinality($2)]`;

/** $1 currency, $2 edges of the buckets, $3 grain. A row for each bucket that has anything, numbered from 1. */
export function bucketQuery(grain: Grain): string {
  return `
    WITH sums AS (
      SELECT width_bucket(at, $2::timestamptz[]) AS bucket, sum(orders) AS orders, sum(writes) AS writes,
             sum(payments_cents) AS payments_cents, sum(refunds_cents) AS refunds_cents
      FROM (${grain === 'exact' ? EXACT : FOLDED}) AS parts GROUP BY bucket)
    SELECT bucket, orders, sums.writes, payments_cents AS "paymentsCents", refunds_cents AS "refundsCents",
           p50_cents AS "p50OrderCents", p95_cents AS "p95OrderCents"
    FROM sums LEFT JOIN analytics_percentiles AS kept
      ON kept.grain = $3 AND kept.currency = $1 AND kept.after = ($2::timestamptz[])[bucket] AND kept.before = ($2::timestamptz[])[bucket + 1]
      AND kept.writes = sums.writes
    ORDER BY bucket`;
}

/**
 * The value at `share`/`of` of the way through sorted `totals`, between two of them in proportion, rounded half up. In
 * whole numbers: `percentile_cont` counts in floating point, and is off by one where it should hit a half.
 */
function percentile(share: number, of: number): string {
  const [below, rest] = [`${share} * (n - 1) / ${of}`, `${share} * (n - 1) % ${of}`];
  const [low, high] = [`totals[${below} + 1]`, `totals[least(${below} + 2, n)]`];
  return `(${of} * ${low} + (${high} - ${low}) * (${rest}) + ${of / 2}) / ${of}`;
}

/** $1 currency, $2 numbers, $3 and $4 starts and ends of buckets. */
export const PERCENTILES = `
  SELECT bucket, ${percentile(1, 2)} AS "p50OrderCents", ${percentile(19, 20)} AS "p95OrderCents"
  FROM unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) AS buckets (bucket, after, before)
  CROSS JOIN LATERAL (
    SELECT array_agg(total_cents ORDER BY total_cents) AS totals, count(*)::integer AS n FROM orders
    WHERE currency = $1 AND placed_at >= buckets.after AND placed_at < buckets.before) AS found
  WHERE n > 0`;

/**
 * Keeps what was computed, for whoever asks next. Writes only grow, so a slower reader of an older state must not put
 * its figures over newer ones.
 */
export const KEEP_PERCENTILES = `
  INSERT INTO analytics_percentiles AS kept (grain, currency, after, before, writes, p50_cents, p95_cents)
  SELECT $1, $2, * FROM unnest($3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[])
  WHERE ${isSettled('$8')}
  ON CONFLICT (grain, currency, after, before) DO UPDATE
    SET writes = excluded.writes, p50_cents = excluded.p50_cents, p95_cents = excluded.p95_cents, kept_at = now()
    WHERE kept.writes < excluded.writes`;
