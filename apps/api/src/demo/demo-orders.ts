import { newId } from '@app/database';
import { type Order, type OrderItem, type OrderTransaction } from '../orders/index.js';
import { CURRENCIES, PRODUCTS } from './demo-catalogue.js';
import type { DemoRandom } from './demo-random.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Rows of one order, ready to insert. */
export interface DemoOrder {
  readonly order: Omit<Order, 'items' | 'user'>;
  readonly items: readonly Omit<OrderItem, 'order'>[];
  readonly transactions: readonly Omit<OrderTransaction, 'order'>[];
}

/** An order of `userId` with the history that its age makes likely: old ones are delivered, some came back. */
export function demoOrder(userId: string, placedAt: Date, of: { random: DemoRandom; now: Date }): DemoOrder {
  const { random, now } = of;
  const id = newId();
  const currency = random.pick(CURRENCIES);
  const items = demoItems(id, random);
  const totalCents = items.reduce((sum, item) => sum + item.lineCents, 0);
  const status = demoStatus((now.getTime() - placedAt.getTime()) / DAY_MS, random);
  const isPaid = status !== 'pending' && (status !== 'cancelled' || random.next() < 0.3);
  const isRefunded = isPaid && (status === 'cancelled' || status === 'refunded');
  const paidAt = earliest(new Date(placedAt.getTime() + random.between(1, 20) * HOUR_MS), now);
  const refundedAt = earliest(new Date(paidAt.getTime() + random.between(1, 14) * DAY_MS), now);
  const row = (version: number) => ({
    id: newId(),
    orderId: id,
    amountCents: totalCents,
    currency,
    reference: `${id}/${version}`,
  });
  const transactions: DemoOrder['transactions'] = [
    ...(isPaid
      ? [
          {
            ...row(1),
            kind: 'payment' as const,
            method: random.pick(['card', 'card', 'transfer'] as const),
            reason: null,
            createdAt: paidAt,
          },
        ]
      : []),
    ...(isRefunded
      ? [{ ...row(2), kind: 'refund' as const, method: null, reason: 'Sent back.', createdAt: refundedAt }]
      : []),
  ];
  const order = {
    id,
    userId,
    status,
    currency,
    totalCents,
    paidCents: isPaid ? totalCents : 0,
    refundedCents: isRefunded ? totalCents : 0,
    note: random.next() < 0.1 ? 'Leave it with the neighbour.' : null,
    placedAt,
    updatedAt: transactions.at(-1)?.createdAt ?? placedAt,
    version: 1 + transactions.length,
  };
  return { order, items, transactions };
}

function demoItems(orderId: string, random: DemoRandom): DemoOrder['items'] {
  const products = new Set(Array.from({ length: random.between(1, 4) }, () => random.skewed(PRODUCTS)));
  return [...products].map((product, position) => {
    const quantity = random.between(1, 3);
    return { id: newId(), orderId, position, ...product, quantity, lineCents: quantity * product.unitPriceCents };
  });
}

function demoStatus(ageDays: number, random: DemoRandom): Order['status'] {
  const chance = random.next();
  if (ageDays < 1) return chance < 0.6 ? 'pending' : 'paid';
  if (chance < 0.06) return 'cancelled';
  if (chance < 0.1) return 'refunded';
  if (ageDays < 3) return chance < 0.5 ? 'paid' : 'shipped';
  return ageDays < 7 ? 'shipped' : 'delivered';
}

function earliest(a: Date, b: Date): Date {
  return a < b ? a : b;
}
