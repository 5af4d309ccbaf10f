import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type UserOrders, type UserOrderSummary } from '../users/index.js';
import { In, Repository } from 'typeorm';
import { OrderDto } from './dto/order.dto.js';
import { Order } from './order.entity.js';

const COUNTS = `SELECT user_id AS "userId", count(*) AS count FROM orders WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`;

const REVENUE = `
  SELECT o.user_id AS "userId", t.currency,
         sum(CASE t.kind WHEN 'payment' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
  FROM orders o JOIN transactions t ON t.order_id = o.id
  WHERE o.user_id = ANY ($1::uuid[]) GROUP BY o.user_id, t.currency ORDER BY t.currency`;

const LATEST = `
  SELECT latest.id FROM unnest($1::uuid[]) AS owner (id)
  CROSS JOIN LATERAL (
    SELECT id FROM orders WHERE user_id = owner.id ORDER BY placed_at DESC, id DESC LIMIT 3) AS latest`;

/** Answers what the list of users asks: four queries for any number of users. */
@Injectable()
export class UserOrderSummaries implements UserOrders {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  async summarise(userIds: readonly string[]): Promise<ReadonlyMap<string, UserOrderSummary>> {
    const [counts, revenue, latest] = await Promise.all([
      this.orders.query<{ userId: string; count: number }[]>(COUNTS, [userIds]),
      this.orders.query<{ userId: string; currency: string; cents: string }[]>(REVENUE, [userIds]),
      this.latest(userIds),
    ]);
    return new Map(
      userIds.map((userId) => [
        userId,
        {
          ordersCount: counts.find((row) => row.userId === userId)?.count ?? 0,
          revenue: Object.fromEntries(
            revenue.filter((row) => row.userId === userId).map(({ currency, cents }) => [currency, Number(cents)]),
          ),
          latestOrders: latest.filter((order) => order.userId === userId).map((order) => OrderDto.from(order)),
        },
      ]),
    );
  }

  /** Orders and items by one statement, so that a change at the same time shows in both or in neither. */
  private async latest(userIds: readonly string[]): Promise<Order[]> {
    const ids = await this.orders.query<{ id: string }[]>(LATEST, [userIds]);
    return this.orders.find({
      where: { id: In(ids.map(({ id }) => id)) },
      order: { placedAt: 'DESC', id: 'DESC' },
    });
  }
}
