/**
 * Customers without a look at each of them: the list of a month is sorted by an index, and nobody further down than its
 * first so many can have had more in that month than the last of them. Whoever is in none of the lists had, in all months
 * together, at most the sum of those: `bound`. So the first of the candidates are the first of all, unless one of them has
 * no more than `bound`; lists that are there to their ends have none. (Fagin, Lotem, Naor: Optimal aggregation algorithms for middleware, 2003.) Whoever has changes that
 * are not folded in yet is a candidate, too.
 *
 * $1 currency, $2 starts of the months that the range touches, $3 of those wholly in it, $4–$7 the rest of it as two
 * ranges of days, $8 how many of each list or null for all, $9 how many customers.
 *
 * @param by what they are sorted by, and the column of a month that it cannot exceed.
 */
function customers(by: { readonly value: string; readonly limit: string }): string {
  const { value, limit } = by;
  return `
    WITH lists AS MATERIALIZED (
      SELECT months.start, top.user_id, top.most FROM unnest($2::timestamptz[]) AS months (start)
      CROSS JOIN LATERAL (
        SELECT user_id, ${limit} AS most FROM analytics_customers
        WHERE grain = 'month' AND currency = $1 AND start = months.start
        ORDER BY ${limit} DESC LIMIT $8::bigint) AS top),
    bound AS (
      SELECT sum(least) AS bound FROM (
        SELECT min(most) AS least FROM lists GROUP BY start HAVING count(*) >= $8::bigint) AS lasts),
    pending AS MATERIALIZED (
      SELECT user_id, at, orders, payments_cents, refunds_cents FROM analytics_changes
      WHERE currency = $1 AND ${utcMonth('at')} = ANY ($2::timestamptz[])),
    candidates AS (SELECT user_id FROM lists UNION SELECT user_id FROM pending),
    parts AS (
      SELECT user_id, kept.* FROM candidates CROSS JOIN LATERAL (
        SELECT orders, payments_cents, refunds_cents FROM analytics_customers AS c
        WHERE c.user_id = candidates.user_id AND grain = 'month' AND currency = $1 AND start = ANY ($3::timestamptz[])
        UNION ALL
        SELECT orders, payments_cents, refunds_cents FROM analytics_customers AS c
        WHERE c.user_id = candidates.user_id AND grain = 'day' AND currency = $1 AND start >= $4 AND start < $5
        UNION ALL
        SELECT orders, payments_cents, refunds_cents FROM analytics_customers AS c
        WHERE c.user_id = candidates.user_id AND grain = 'day' AND currency = $1 AND start >= $6 AND start < $7) AS kept
      UNION ALL
      SELECT user_id, orders, payments_cents, refunds_cents FROM pending
      WHERE at >= $4 AND at < $7),
    sums AS (
      SELECT user_id, sum(orders) AS orders, sum(payments_cents) - sum(refunds_cents) AS net_cents FROM parts
      GROUP BY user_id HAVING sum(orders) <> 0 OR sum(payments_cents) <> 0 OR sum(refunds_cents) <> 0)
    SELECT user_id AS "userId", users.name, orders, net_cents AS "netCents",
           bound IS NULL AS "isComplete", bound IS NULL OR ${value} > bound AS "isCertain"
    FROM sums CROSS JOIN bound JOIN users ON users.id = user_id
    ORDER BY ${value} DESC, user_id LIMIT $9`;
}

export const CUSTOMERS = {
  revenue: customers({ value: 'net_cents', limit: 'payments_cents' }),
  orders: customers({ value: 'orders', limit: 'orders' }),
} as const;

/** $1 currency, $2 starts of whole months, $3–$6 the rest of the range as two ranges of days, $7 how many. */
export const PRODUCTS = `
  WITH parts AS (
    SELECT sku, orders, quantity, gross_cents FROM analytics_products
    WHERE grain = 'month' AND currency = $1 AND start = ANY ($2::timestamptz[])
    UNION ALL
    SELECT sku, orders, quantity, gross_cents FROM analytics_products
    WHERE grain = 'day' AND currency = $1 AND start >= $3 AND start < $4
    UNION ALL
    SELECT sku, orders, quantity, gross_cents FROM analytics_products
    WHERE grain = 'day' AND currency = $1 AND start >= $5 AND start < $6
    UNION ALL
    SELECT sku, orders, quantity, gross_cents FROM analytics_item_changes
    WHERE currency = $1 AND at >= $3 AND at < $6),
  sums AS (
    SELECT sku, sum(orders) AS orders, sum(quantity) AS quantity, sum(gross_cents) AS gross_cents FROM parts
    GROUP BY sku HAVING sum(orders) > 0 ORDER BY gross_cents DESC, sku LIMIT $7)
  SELECT sku, name, orders, quantity, gross_cents AS "grossCents" FROM sums
  CROSS JOIN LATERAL (
    SELECT name FROM order_items WHERE order_items.sku = sums.sku ORDER BY order_id DESC LIMIT 1) AS newest
  ORDER BY gross_cents DESC, sku`;

/** $1 and $2 the range, in days. */
export const STATUSES = `
  SELECT status, sum(orders) AS orders FROM (
    SELECT status, orders FROM analytics_statuses WHERE start >= $1 AND start < $2
    UNION ALL
    SELECT status, orders FROM analytics_changes WHERE status IS NOT NULL AND at >= $1 AND at < $2) AS parts
  GROUP BY status`;

function utcMonth(instant: string): string {
  return `date_trunc('month', ${instant}, 'UTC')`;
}
