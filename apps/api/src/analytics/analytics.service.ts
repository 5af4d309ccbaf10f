import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { Order, OrderTransaction } from '../orders/index.js';
import { UsersService } from '../users/index.js';
import { Repository } from 'typeorm';
import type { AggregateDto, UserAnalyticsDto } from './dto/aggregate.dto.js';

interface CurrencyCents {
  readonly currency: string;
  /** `numeric`, which has no upper bound, comes as text; JSON has it exactly up to 2^53 (90 trillion dollars). */
  readonly cents: string;
}

const SIGNED = `CASE t.kind WHEN 'payment' THEN t.amount_cents ELSE -t.amount_cents END`;

const REVENUE = `SELECT t.currency, sum(${SIGNED}) AS cents FROM transactions t GROUP BY t.currency ORDER BY t.currency`;

const USER_REVENUE = `
  SELECT t.currency, sum(${SIGNED}) AS cents
  FROM orders o JOIN transactions t ON t.order_id = o.id
  WHERE o.user_id = $1 GROUP BY t.currency ORDER BY t.currency`;

const USER_AVERAGE = `
  SELECT currency, round(avg(total_cents)) AS cents
  FROM orders WHERE user_id = $1 AND status <> 'cancelled' GROUP BY currency ORDER BY currency`;

const USER_ORDERS = `
  SELECT count(*) AS "ordersCount", min(placed_at) AS "firstOrderAt", max(placed_at) AS "lastOrderAt"
  FROM orders WHERE user_id = $1`;

/** Figures straight from the base tables. The queries of one answer run at once, each on a connection of its own. */
@Injectable()
export class AnalyticsService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderTransaction) private readonly transactions: Repository<OrderTransaction>,
    private readonly users: UsersService,
  ) {}

  async aggregate(): Promise<AggregateDto> {
    const asOf = new Date();
    const [users, orders, revenue] = await Promise.all([
      this.users.count(),
      this.orders.count(),
      this.transactions.query<CurrencyCents[]>(REVENUE),
    ]);
    return { users, orders, revenue: byCurrency(revenue), asOf };
  }

  /** @throws UserNotFoundError 404 */
  async ofUser(id: string, caller: Caller): Promise<UserAnalyticsDto> {
    const { id: userId } = await this.users.read(id, caller);
    const asOf = new Date();
    const [[totals], revenue, average] = await Promise.all([
      this.orders.query<Pick<UserAnalyticsDto, 'ordersCount' | 'firstOrderAt' | 'lastOrderAt'>[]>(USER_ORDERS, [
        userId,
      ]),
      this.transactions.query<CurrencyCents[]>(USER_REVENUE, [userId]),
      this.orders.query<CurrencyCents[]>(USER_AVERAGE, [userId]),
    ]);
    const { ordersCount = 0, firstOrderAt = null, lastOrderAt = null } = totals ?? {};
    return {
      userId,
      ordersCount,
      revenue: byCurrency(revenue),
      averageOrderCents: byCurrency(average),
      firstOrderAt,
      lastOrderAt,
      asOf,
    };
  }
}

function byCurrency(rows: readonly CurrencyCents[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ currency, cents }) => [currency, Number(cents)]));
}
