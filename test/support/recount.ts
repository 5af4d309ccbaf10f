/** Runs a statement and gives its rows: of a DataSource, of a pg client, of whatever reads the same database. */
export type Rows = (sql: string, parameters: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Half-open: `[from, to)`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export interface RankedBy {
  readonly currency: string;
  readonly sort?: 'revenue' | 'orders';
  readonly limit: number;
}

type ByCurrency = Record<string, number>;

const SIGNED = `sum(CASE t.kind WHEN 'payment' THEN t.amount_cents ELSE -t.amount_cents END)`;

/** Month number of an instant in the zone `$3`: months since the year 0. */
const monthOf = (instant: string): string =>
  `(extract(year FROM ${instant} AT TIME ZONE $3) * 12 + extract(month FROM ${instant} AT TIME ZONE $3) - 1)::int`;

/** Continuous, between the two orders next to the rank, in whole numbers throughout, rounded half up; null of none. */
const percentile = (percent: number): string => {
  const rank = `(${percent} * (cardinality(totals) - 1))`;
  const [below, above] = [`totals[1 + ${rank} / 100]`, `totals[least(2 + ${rank} / 100, cardinality(totals))]`];
  return `floor((${below} * 100::numeric + (${above} - ${below}) * (${rank} % 100) + 50) / 100)`;
};

/**
 * What every analytics route must answer, told once more from users, orders, order_items and transactions alone, by the
 * plainest statements: they read everything, each time. `asOf` and what is echoed of the request is left out.
 */
export class Recount {
  private readonly rows: Rows;

  constructor(rows: Rows) {
    this.rows = rows;
  }

  async aggregate() {
    const [counts] = await this.rows(
      `SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL) AS users, (SELECT count(*) FROM orders) AS orders`,
      [],
    );
    const revenue = await this.rows(`SELECT currency, ${SIGNED} AS cents FROM transactions t GROUP BY currency`, []);
    return { users: Number(counts?.['users']), orders: Number(counts?.['orders']), revenue: byCurrency(revenue) };
  }

  async user(userId: string) {
    const [orders] = await this.rows(
      `SELECT count(*), min(placed_at) AS first, max(placed_at) AS last FROM orders WHERE user_id = $1`,
      [userId],
    );
    const revenue = await this.rows(
      `SELECT t.currency, ${SIGNED} AS cents FROM transactions t JOIN orders o ON o.id = t.order_id
       WHERE o.user_id = $1 GROUP BY t.currency`,
      [userId],
    );
    const average = await this.rows(
      `SELECT currency, floor(avg(total_cents) + 0.5) AS cents FROM orders
       WHERE user_id = $1 AND status <> 'cancelled' GROUP BY currency`,
      [userId],
    );
    return {
      userId,
      ordersCount: Number(orders?.['count']),
      revenue: byCurrency(revenue),
      averageOrderCents: byCurrency(average),
      firstOrderAt: iso(orders?.['first']),
      lastOrderAt: iso(orders?.['last']),
    };
  }

  /** @param edges n + 1 of them for n buckets. */
  async series(currency: string, edges: readonly Date[]) {
    const found = await this.rows(
      `SELECT cardinality(totals) AS orders, ${percentile(50)} AS p50, ${percentile(95)} AS p95, payments, refunds
       FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS bucket (start, next, number)
       CROSS JOIN LATERAL (
         SELECT coalesce(array_agg(total_cents ORDER BY total_cents), '{}') AS totals
         FROM orders WHERE currency = $1 AND placed_at >= start AND placed_at < next) AS placed
       CROSS JOIN LATERAL (
         SELECT coalesce(sum(amount_cents) FILTER (WHERE kind = 'payment'), 0) AS payments,
                coalesce(sum(amount_cents) FILTER (WHERE kind = 'refund'), 0) AS refunds
         FROM transactions WHERE currency = $1 AND created_at >= start AND created_at < next) AS booked
       ORDER BY number`,
      [currency, edges.slice(0, -1), edges.slice(1)],
    );
    return found.map(({ orders, payments, refunds, p50, p95 }) => ({
      orders: Number(orders),
      paymentsCents: Number(payments),
      refundsCents: Number(refunds),
      netCents: Number(payments) - Number(refunds),
      p50OrderCents: p50 === null ? null : Number(p50),
      p95OrderCents: p95 === null ? null : Number(p95),
    }));
  }

  /** Everybody who placed an order in that time, or whose money moved, in that currency; deleted ones, too. */
  async customers({ from, to }: Span, { currency, sort = 'revenue', limit }: RankedBy) {
    const found = await this.rows(
      `WITH placed AS (
         SELECT user_id, count(*) AS orders FROM orders
         WHERE currency = $1 AND placed_at >= $2 AND placed_at < $3 GROUP BY user_id),
       moved AS (
         SELECT o.user_id, ${SIGNED} AS net FROM transactions t JOIN orders o ON o.id = t.order_id
         WHERE t.currency = $1 AND t.created_at >= $2 AND t.created_at < $3 GROUP BY o.user_id)
       SELECT user_id, name, coalesce(orders, 0) AS orders, coalesce(net, 0) AS net
       FROM placed FULL JOIN moved USING (user_id) JOIN users ON users.id = user_id
       ORDER BY ${sort === 'revenue' ? 'coalesce(net, 0)' : 'coalesce(orders, 0)'} DESC, user_id LIMIT $4`,
      [currency, from, to, limit],
    );
    return found.map(({ user_id: userId, name, orders, net }) => {
      return { userId, name, orders: Number(orders), netCents: Number(net) };
    });
  }

  /** The name is that of the newest order with the product, whenever and in whichever currency it was placed. */
  async products({ from, to }: Span, { currency, limit }: RankedBy) {
    const found = await this.rows(
      `SELECT sku, count(DISTINCT o.id) AS orders, sum(quantity) AS quantity, sum(line_cents) AS gross,
         (SELECT name FROM order_items n JOIN orders placed ON placed.id = n.order_id WHERE n.sku = i.sku
          ORDER BY placed_at DESC, placed.id DESC LIMIT 1) AS name
       FROM order_items i JOIN orders o ON o.id = i.order_id
       WHERE o.currency = $1 AND placed_at >= $2 AND placed_at < $3
       GROUP BY sku ORDER BY gross DESC, sku COLLATE "C" LIMIT $4`,
      [currency, from, to, limit],
    );
    return found.map(({ sku, name, orders, quantity, gross }) => {
      return { sku, name, orders: Number(orders), quantity: Number(quantity), grossCents: Number(gross) };
    });
  }

  /** How many orders of that time stand where now; states without one are left out. */
  async statuses({ from, to }: Span): Promise<Record<string, number>> {
    const found = await this.rows(
      `SELECT status, count(*) FROM orders WHERE placed_at >= $1 AND placed_at < $2 GROUP BY status`,
      [from, to],
    );
    return Object.fromEntries(found.map(({ status, count }) => [status, Number(count)]));
  }

  /** Every month of the zone from the one of `from` to the last before `to`, also those in which nobody registered. */
  async cohorts({ from, to }: Span, zone: string) {
    const parameters = [from, to, zone];
    const [range] = await this.rows(
      `SELECT ${monthOf('$1::timestamptz')} AS first, ${monthOf(`($2::timestamptz - interval '1 ms')`)} AS last`,
      parameters,
    );
    const users = await this.rows(
      `SELECT ${monthOf('created_at')} AS cohort, count(*) FROM users
       WHERE created_at >= $1 AND created_at < $2 GROUP BY cohort`,
      parameters,
    );
    const active = await this.rows(
      `SELECT ${monthOf('u.created_at')} AS cohort, ${monthOf('o.placed_at')} AS month, count(DISTINCT u.id)
       FROM users u JOIN orders o ON o.user_id = u.id
       WHERE u.created_at >= $1 AND u.created_at < $2 GROUP BY 1, 2`,
      parameters,
    );
    const [first, last] = [Number(range?.['first']), Number(range?.['last'])];
    return numbers(first, last).map((cohort) => ({
      cohort: `${String(Math.floor(cohort / 12)).padStart(4, '0')}-${String((cohort % 12) + 1).padStart(2, '0')}`,
      users: Number(users.find((row) => row['cohort'] === cohort)?.['count'] ?? 0),
      active: numbers(cohort, last).map((month) =>
        Number(active.find((row) => row['cohort'] === cohort && row['month'] === month)?.['count'] ?? 0),
      ),
    }));
  }

  /** The edges of the buckets that cover the span, for days, weeks and months of the zone. */
  async edges({ from, to }: Span, granularity: 'day' | 'week' | 'month', zone: string): Promise<Date[]> {
    const found = await this.rows(
      `SELECT local AT TIME ZONE $3 AS edge
       FROM generate_series(date_trunc($4, $1::timestamptz AT TIME ZONE $3),
         date_trunc($4, ($2::timestamptz - interval '1 ms') AT TIME ZONE $3) + ('1 ' || $4)::interval,
         ('1 ' || $4)::interval) AS local ORDER BY local`,
      [from, to, zone, granularity],
    );
    return found.map(({ edge }) => new Date(String(iso(edge))));
  }
}

function byCurrency(rows: readonly Record<string, unknown>[]): ByCurrency {
  return Object.fromEntries(rows.map(({ currency, cents }) => [String(currency), Number(cents)]));
}

function iso(at: unknown): string | null {
  return at instanceof Date ? at.toISOString() : null;
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
}
