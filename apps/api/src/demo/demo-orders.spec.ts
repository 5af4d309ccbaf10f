import { describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES } from '../orders/order.js';
import { isCurrency } from '../orders/currency.js';
import { CURRENCIES, PRODUCTS } from './demo-catalogue.js';
import { type DemoOrder, demoOrder } from './demo-orders.js';
import { DemoRandom } from './demo-random.js';

const NOW = new Date('2026-06-15T12:00:00Z');
const HOUR_MS = 3_600_000;
const USER_ID = newId();

/** Orders of all ages, from a moment to a year, with every outcome among them. */
const ORDERS = orders(2_000);

function orders(count: number): DemoOrder[] {
  const random = new DemoRandom(42);
  return Array.from({ length: count }, (_, n) => {
    const placedAt = new Date(NOW.getTime() - Math.round((n / count) ** 2 * 365 * 24 * HOUR_MS));
    return demoOrder(USER_ID, placedAt, { random, now: NOW });
  });
}

function booked({ transactions }: DemoOrder, kind: 'payment' | 'refund'): number {
  return transactions.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.amountCents, 0);
}

/** The same rule as the check constraint of the table, told once more. */
function fitsItsState({ order: { status, totalCents, paidCents, refundedCents } }: DemoOrder): boolean {
  if (status === 'pending') return paidCents < totalCents && refundedCents === 0;
  if (status === 'cancelled') return refundedCents === paidCents;
  if (status === 'refunded') return paidCents === totalCents && refundedCents === paidCents;
  return paidCents === totalCents && refundedCents < paidCents;
}

describe('demo orders', () => {
  it('amounts → the items make the total, the movements make the rest, all fit the state', () => {
    const wrong = ORDERS.filter((demo) => {
      const worth = demo.items.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0);
      const { totalCents, paidCents, refundedCents } = demo.order;
      const isBalanced = booked(demo, 'payment') === paidCents && booked(demo, 'refund') === refundedCents;
      return worth !== totalCents || !isBalanced || !fitsItsState(demo);
    });
    expect(wrong).toEqual([]);
  });

  it('states → all of them occur, the old orders are settled', () => {
    expect(new Set(ORDERS.map(({ order }) => order.status))).toEqual(new Set(ORDER_STATUSES));
    const old = ORDERS.filter(({ order }) => NOW.getTime() - order.placedAt.getTime() > 7 * 24 * HOUR_MS);
    expect(new Set(old.map(({ order }) => order.status))).toEqual(new Set(['delivered', 'cancelled', 'refunded']));
  });

  it('items → each product once, numbered from 0, at its price in the catalogue', () => {
    for (const { items } of ORDERS) {
      expect(new Set(items.map(({ sku }) => sku)).size).toBe(items.length);
      expect(items.map(({ position }) => position)).toEqual([...items.keys()]);
      for (const { sku, name, unitPriceCents } of items) expect(PRODUCTS).toContainEqual({ sku, name, unitPriceCents });
    }
  });

  it('times → placed, then paid, then refunded, and nothing in the future', () => {
    for (const { order, transactions } of ORDERS) {
      const times = [order.placedAt, ...transactions.map(({ createdAt }) => createdAt), NOW].map((at) => at.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(order.updatedAt).toEqual(transactions.at(-1)?.createdAt ?? order.placedAt);
    }
  });

  it('references → each a version that the order has left behind', () => {
    for (const { order, transactions } of ORDERS) {
      expect(transactions.map(({ reference }) => reference)).toEqual(
        transactions.map((_, n) => `${order.id}/${n + 1}`),
      );
      expect(order.version).toBe(transactions.length + 1);
    }
  });

  it('currencies → current codes, several of them', () => {
    expect(CURRENCIES.every(isCurrency)).toBe(true);
    expect(new Set(ORDERS.map(({ order }) => order.currency))).toEqual(new Set(CURRENCIES));
  });

  it('the same seed → the same orders but for their ids', () => {
    const told = (list: readonly DemoOrder[]) =>
      list.map(({ order, items }) => [order.status, order.totalCents, order.currency, items.map(({ sku }) => sku)]);
    expect(told(orders(50))).toEqual(told(orders(50)));
  });
});
