import { Injectable } from '@nestjs/common';
import { Snapshot } from '@app/database';
import { ORDER_STATUSES, type OrderStatus } from '../../orders/index.js';
import { monthsAndDays } from './range.js';
import { CUSTOMERS, PRODUCTS, STATUSES } from './rankings.queries.js';

/** A table as one state of the database has it. */
export interface Ranking<T> {
  readonly asOf: Date;
  readonly data: readonly T[];
}

/** Whole days, UTC. */
export interface Days {
  readonly from: Date;
  readonly to: Date;
}

export interface CustomerRank {
  readonly userId: string;
  readonly name: string;
  readonly orders: number;
  readonly netCents: number;
}

export interface ProductRank {
  readonly sku: string;
  readonly name: string;
  readonly orders: number;
  readonly quantity: number;
  readonly grossCents: number;
}

export interface StatusCount {
  readonly status: OrderStatus;
  readonly orders: number;
}

/** What is ranked, and how many of them. */
export interface Ranked extends Days {
  readonly currency: string;
  readonly limit: number;
}

/** Sums come as text. */
type Row<T> = { readonly [Name in keyof T]: T[Name] extends number ? string : T[Name] };

interface Certainty {
  readonly isComplete: boolean;
  readonly isCertain: boolean;
}

/** So many times the wanted rows of each month's list are looked at; more when that does not settle the ranks. */
const DEPTHS = [5, 50, 500, Infinity] as const;

/** Who and what comes first in a range of days. */
@Injectable()
export class RankingsService {
  constructor(private readonly snapshot: Snapshot) {}

  customers(by: 'revenue' | 'orders', { currency, limit, from, to }: Ranked): Promise<Ranking<CustomerRank>> {
    const { touched, whole, rest } = monthsAndDays(from, to);
    return this.snapshot.readAllowingLag(async (manager, asOf) => {
      let rows: readonly (Row<CustomerRank> & Certainty)[] = [];
      for (const depth of DEPTHS) {
        const most = depth === Infinity ? null : depth * limit;
        rows = await manager.query(CUSTOMERS[by], [currency, touched, whole, ...rest, most, limit]);
        if (rows[0]?.isComplete || (rows.length === limit && rows.every(({ isCertain }) => isCertain))) break;
      }
      return { asOf, data: rows.map(toCustomer) };
    });
  }

  products({ currency, limit, from, to }: Ranked): Promise<Ranking<ProductRank>> {
    const { whole, rest } = monthsAndDays(from, to);
    return this.snapshot.readAllowingLag(async (manager, asOf) => {
      const rows = await manager.query<Row<ProductRank>[]>(PRODUCTS, [currency, whole, ...rest, limit]);
      return { asOf, data: rows.map(toProduct) };
    });
  }

  /** Each status, in the order of an order's life. */
  statuses({ from, to }: Days): Promise<Ranking<StatusCount>> {
    return this.snapshot.readAllowingLag(async (manager, asOf) => {
      const rows = await manager.query<Row<StatusCount>[]>(STATUSES, [from, to]);
      const counts = new Map(rows.map(({ status, orders }) => [status, Number(orders)]));
      return { asOf, data: ORDER_STATUSES.map((status) => ({ status, orders: counts.get(status) ?? 0 })) };
    });
  }
}

function toCustomer({ userId, name, orders, netCents }: Row<CustomerRank>): CustomerRank {
  return { userId, name, orders: Number(orders), netCents: Number(netCents) };
}

function toProduct({ sku, name, orders, quantity, grossCents }: Row<ProductRank>): ProductRank {
  return { sku, name, orders: Number(orders), quantity: Number(quantity), grossCents: Number(grossCents) };
}
