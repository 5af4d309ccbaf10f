import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { Order } from '../orders/index.js';
import { UsersService } from '../users/index.js';
import { Repository } from 'typeorm';
import type { AggregateDto, UserAnalyticsDto } from './dto/aggregate.dto.js';

/** The sums over all time, and the changes that are not folded into them yet. */
const EVERYTHING = `(
  SELECT currency, orders, payments_cents, refunds_cents FROM analytics_revenue WHERE grain = 'all'
  UNION ALL SELECT currency, orders, payments_cents, refunds_cents FROM analytics_changes) AS parts`;

const FIGURES = {
  users: `
    SELECT coalesce(sum(active), 0)::bigint FROM (
      SELECT active FROM analytics_users UNION ALL SELECT active FROM analytics_user_changes) AS parts`,
  orders: `SELECT coalesce(sum(orders), 0)::bigint FROM ${EVERYTHING}`,
  revenue: `
    SELECT coalesce(json_object_agg(currency, cents::text ORDER BY currency), '{}') FROM (
      SELECT currency, sum(payments_cents) - sum(refunds_cents) AS cents FROM ${EVERYTHING}
      GROUP BY currency HAVING sum(payments_cents) <> 0 OR sum(refunds_cents) <> 0) AS currencies`,
} as const;

/** One figure, and which state of the database it is of. */
const single = (figure: string) =>
  `SELECT (${figure}) AS figure, pg_current_snapshot()::text AS state, statement_timestamp() AS "asOf"`;

const TOGETHER = `
  SELECT (${FIGURES.users}) AS users, (${FIGURES.orders}) AS orders, (${FIGURES.revenue}) AS revenue,
         statement_timestamp() AS "asOf"`;

interface Single<T> {
  readonly figure: T;
  readonly state: string;
  readonly asOf: Date;
}

interface Figures {
  readonly users: number;
  readonly orders: number;
  /** Cents as text: they have no upper bound. */
  readonly revenue: Readonly<Record<string, string>>;
  readonly asOf: Date;
}

/** One statement, so that all of it is of one state of the database; a row for each currency, or one without any. */
const OF_USER = `
  SELECT statement_timestamp() AS "asOf", ends.*, sums.* FROM (
    SELECT (SELECT min(placed_at) FROM orders WHERE user_id = $1) AS "firstOrderAt",
           (SELECT max(placed_at) FROM orders WHERE user_id = $1) AS "lastOrderAt") AS ends
  LEFT JOIN (
    SELECT currency, sum(orders)::bigint AS orders, sum(payments_cents) <> 0 OR sum(refunds_cents) <> 0 AS "hasMoney", sum(payments_cents) - sum(refunds_cents) AS "netCents",
           round(sum(kept_cents) / nullif(sum(kept_orders), 0)) AS "averageCents"
    FROM (
      SELECT currency, orders, kept_orders, kept_cents, payments_cents, refunds_cents FROM analytics_customers
      WHERE user_id = $1 AND grain = 'month'
      UNION ALL
      SELECT currency, orders, CASE WHEN status <> 'cancelled' THEN orders ELSE 0 END,
             CASE WHEN status <> 'cancelled' THEN total_cents ELSE 0 END, payments_cents, refunds_cents
      FROM analytics_changes WHERE user_id = $1) AS parts
    GROUP BY currency) AS sums ON true
  ORDER BY currency`;

type UserRow = Pick<UserAnalyticsDto, 'asOf' | 'firstOrderAt' | 'lastOrderAt'> & {
  readonly currency: string | null;
  readonly orders: number;
  readonly hasMoney: boolean;
  readonly netCents: string;
  /** Null when every order is cancelled. */
  readonly averageCents: string | null;
};

/** Figures over everything, and over one user. */
@Injectable()
export class AnalyticsService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    private readonly users: UsersService,
  ) {}

  /**
   * Its queries run at once, each on a connection of its own. Where something was committed between them, so that they are
   * of more than one state, they are asked again in one.
   */
  async aggregate(): Promise<AggregateDto> {
    const [users, orders, revenue] = await Promise.all([
      this.figure<number>(FIGURES.users),
      this.figure<number>(FIGURES.orders),
      this.figure<Figures['revenue']>(FIGURES.revenue),
    ]);
    const isOfOneState = users.state === orders.state && orders.state === revenue.state;
    const found = isOfOneState
      ? { users: users.figure, orders: orders.figure, revenue: revenue.figure, asOf: users.asOf }
      : await this.one<Figures>(TOGETHER);
    return { ...found, revenue: centsOf(Object.entries(found.revenue)) };
  }

  /** @throws UserNotFoundError 404 */
  async ofUser(id: string, caller: Caller): Promise<UserAnalyticsDto> {
    const { id: userId } = await this.users.read(id, caller);
    const rows = await this.orders.query<UserRow[]>(OF_USER, [userId]);
    const [ends] = rows;
    if (!ends) throw new Error('a LEFT JOIN to one row has one');
    const sums = rows.filter(({ currency }) => currency !== null);
    return {
      userId,
      ordersCount: sums.reduce((sum, { orders }) => sum + orders, 0),
      revenue: centsOf(sums.map((row) => [row.currency, row.hasMoney ? row.netCents : null])),
      averageOrderCents: centsOf(sums.map((row) => [row.currency, row.averageCents])),
      firstOrderAt: ends.firstOrderAt,
      lastOrderAt: ends.lastOrderAt,
      asOf: ends.asOf,
    };
  }

  private figure<T>(figure: string): Promise<Single<T>> {
    return this.one<Single<T>>(single(figure));
  }

  private async one<T>(statement: string): Promise<T> {
    const [row] = await this.orders.query<T[]>(statement);
    if (!row) throw new Error('a SELECT without FROM has one row');
    return row;
  }
}

/** Exact up to 2^53 (90 trillion dollars), beyond which JSON's readers round. */
function centsOf(sums: readonly (readonly [currency: string | null, cents: string | null])[]): Record<string, number> {
  return Object.fromEntries(
    sums.filter(([, cents]) => cents !== null).map(([currency, cents]) => [currency, Number(cents)]),
  );
}
