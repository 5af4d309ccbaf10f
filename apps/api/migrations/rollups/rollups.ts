import { quarterOf, type Rollup, utc } from './rollup.js';

const PAID = `coalesce(sum(amount_cents) FILTER (WHERE kind = 'payment'), 0) AS payments_cents`;
const REFUNDED = `coalesce(sum(amount_cents) FILTER (WHERE kind = 'refund'), 0) AS refunds_cents`;
const KEPT_ORDERS = `coalesce(sum(orders) FILTER (WHERE status <> 'cancelled'), 0) AS kept_orders`;
const KEPT_CENTS = `coalesce(sum(total_cents) FILTER (WHERE status <> 'cancelled'), 0) AS kept_cents`;

/** Orders, totals and money by time and currency; `all` has everything in one row, at -infinity. */
const REVENUE: Rollup = {
  name: 'revenue',
  keys: ['grain', 'currency', 'start'],
  sums: ['orders', 'total_cents', 'payments_cents', 'refunds_cents'],
  counters: ['writes'],
  recount: `
    SELECT grain, currency, start, sum(orders) AS orders, sum(total_cents) AS total_cents,
           sum(payments_cents) AS payments_cents, sum(refunds_cents) AS refunds_cents
    FROM (
      SELECT ${quarterOf('placed_at')} AS at, currency, count(*) AS orders, sum(total_cents) AS total_cents,
             0 AS payments_cents, 0 AS refunds_cents FROM orders GROUP BY at, currency
      UNION ALL
      SELECT ${quarterOf('created_at')} AS at, currency, 0, 0, ${PAID}, ${REFUNDED} FROM transactions GROUP BY at, currency
    ) AS quarters ${byGrain(['quarter', 'hour', 'day', 'all'])} GROUP BY grain, currency, start`,
  log: 'analytics_changes',
  changes: (source) => `
    SELECT grain, currency, start, sum(orders) AS orders, sum(total_cents) AS total_cents,
           sum(payments_cents) AS payments_cents, sum(refunds_cents) AS refunds_cents, sum(writes) AS writes
    FROM ${source} ${byGrain(['quarter', 'hour', 'day', 'all'])} GROUP BY grain, currency, start`,
};

/** The same by user; `kept` are the orders that are not cancelled. */
const CUSTOMERS: Rollup = {
  name: 'customers',
  keys: ['user_id', 'grain', 'currency', 'start'],
  sums: ['orders', 'kept_orders', 'kept_cents', 'payments_cents', 'refunds_cents'],
  recount: `
    SELECT user_id, grain, currency, start, sum(orders) AS orders, sum(kept_orders) AS kept_orders,
           sum(kept_cents) AS kept_cents, sum(payments_cents) AS payments_cents, sum(refunds_cents) AS refunds_cents
    FROM (
      SELECT user_id, currency, at, sum(orders) AS orders, ${KEPT_ORDERS}, ${KEPT_CENTS},
             0 AS payments_cents, 0 AS refunds_cents
      FROM (SELECT user_id, currency, ${utc('day', 'placed_at')} AS at, status, 1 AS orders, total_cents FROM orders) AS o
      GROUP BY user_id, currency, at
      UNION ALL
      SELECT o.user_id, t.currency, ${utc('day', 't.created_at')} AS at, 0, 0, 0, ${PAID}, ${REFUNDED}
      FROM transactions AS t JOIN orders AS o ON o.id = t.order_id GROUP BY o.user_id, t.currency, at
    ) AS days ${byGrain(['day', 'month'])} GROUP BY user_id, grain, currency, start`,
  log: 'analytics_changes',
  changes: (source) => `
    SELECT user_id, grain, currency, start, sum(orders) AS orders, ${KEPT_ORDERS}, ${KEPT_CENTS},
           sum(payments_cents) AS payments_cents, sum(refunds_cents) AS refunds_cents
    FROM ${source} ${byGrain(['day', 'month'])} GROUP BY user_id, grain, currency, start`,
};

/** Orders by the status that they have now and the day on which they were placed. */
const STATUSES: Rollup = {
  name: 'statuses',
  keys: ['start', 'status'],
  sums: ['orders'],
  recount: `SELECT ${utc('day', 'placed_at')} AS start, status, count(*) AS orders FROM orders GROUP BY start, status`,
  log: 'analytics_changes',
  changes: (source) => `
    SELECT ${utc('day', 'at')} AS start, status, sum(orders) AS orders FROM ${source}
    WHERE status IS NOT NULL GROUP BY ${utc('day', 'at')}, status`,
};

/** Lines of orders by sku and the day on which the order was placed. */
const PRODUCTS: Rollup = {
  name: 'products',
  keys: ['grain', 'currency', 'start', 'sku'],
  sums: ['orders', 'quantity', 'gross_cents'],
  recount: `
    SELECT grain, currency, start, sku, sum(orders) AS orders, sum(quantity) AS quantity, sum(gross_cents) AS gross_cents
    FROM (
      SELECT o.currency, ${utc('day', 'o.placed_at')} AS at, i.sku, count(*) AS orders, sum(i.quantity) AS quantity,
             sum(i.line_cents) AS gross_cents
      FROM order_items AS i JOIN orders AS o ON o.id = i.order_id GROUP BY o.currency, at, i.sku
    ) AS days ${byGrain(['day', 'month'])} GROUP BY grain, currency, start, sku`,
  log: 'analytics_item_changes',
  changes: (source) => `
    SELECT grain, currency, start, sku, sum(orders) AS orders, sum(quantity) AS quantity, sum(gross_cents) AS gross_cents
    FROM ${source} ${byGrain(['day', 'month'])} GROUP BY grain, currency, start, sku`,
};

/** One row: users that are not deleted. `moved` counts registrations that were rewritten. */
const USERS: Rollup = {
  name: 'users',
  keys: ['one'],
  sums: ['active'],
  counters: ['moved'],
  recount: `SELECT true AS one, count(*) AS active FROM users WHERE deleted_at IS NULL`,
  log: 'analytics_user_changes',
  changes: (source) =>
    `SELECT true AS one, sum(active) AS active, sum(moved) AS moved FROM ${source} HAVING count(*) > 0`,
};

export const ROLLUPS: readonly Rollup[] = [REVENUE, CUSTOMERS, STATUSES, PRODUCTS, USERS];

type Grain = 'quarter' | 'hour' | 'day' | 'month' | 'all';

/** Each row once for each grain, with the start of the period that its `at` is in. */
function byGrain(grains: readonly Grain[]): string {
  const starts: Readonly<Record<Grain, string>> = {
    quarter: 'at',
    hour: utc('hour', 'at'),
    day: utc('day', 'at'),
    month: utc('month', 'at'),
    all: `timestamptz '-infinity'`,
  };
  return `CROSS JOIN LATERAL (VALUES ${grains.map((grain) => `('${grain}', ${starts[grain]})`).join(', ')}) AS periods (grain, start)`;
}
