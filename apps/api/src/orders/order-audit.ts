import type { AuditEntry } from '../audit/index.js';
import type { Order } from './order.entity.js';
import type { OrderTransaction } from './order-transaction.entity.js';
import type { OrderStatus } from './order.js';

export function placed({ id, userId, currency, totalCents }: Pick<Order, 'id' | 'userId' | 'currency' | 'totalCents'>) {
  return { action: 'order.placed', subjectId: id, changes: { userId, currency, totalCents } } satisfies AuditEntry;
}

/** @param from its worth before. */
export function itemsChanged({ id, currency, totalCents }: Order, from: number): AuditEntry {
  return {
    action: 'order.items_changed',
    subjectId: id,
    changes: { currency, totalCents: { from, to: totalCents } },
  };
}

/** One for each movement of money, whatever it is part of: the log and the ledger can be held against each other. */
export function moved(
  { id: transactionId, orderId, kind, amountCents, currency, method }: OrderTransaction,
  { status }: Order,
): AuditEntry {
  return {
    action: `order.${kind}`,
    subjectId: orderId,
    changes: { transactionId, amountCents, currency, method, status },
  };
}

export function cancelled({ id }: Order, { from, refundedCents }: { from: OrderStatus; refundedCents: number }) {
  return {
    action: 'order.cancelled',
    subjectId: id,
    changes: { status: { from, to: 'cancelled' }, refundedCents },
  } satisfies AuditEntry;
}
