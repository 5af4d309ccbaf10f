import { OrderTransitionError, PaymentExceedsDueError, RefundExceedsPaidError } from './order.errors.js';

export const ORDER_STATUSES = ['pending', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded'] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Where an order stands. Amounts are in the minor unit of its currency. */
export interface OrderState {
  readonly status: OrderStatus;
  readonly totalCents: number;
  readonly paidCents: number;
  readonly refundedCents: number;
}

type Changed = Pick<OrderState, 'status' | 'paidCents' | 'refundedCents'>;

const REFUNDABLE: readonly OrderStatus[] = ['paid', 'shipped', 'delivered'];
const BEFORE = { shipped: 'paid', delivered: 'shipped' } as const;

export interface Line {
  readonly quantity: number;
  readonly unitPriceCents: number;
}

export function lineCents({ quantity, unitPriceCents }: Line): number {
  return quantity * unitPriceCents;
}

/** At most 100 × 1000 × 10^9: a safe integer. */
export function totalCents(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + lineCents(line), 0);
}

export function isEditable({ status, paidCents }: OrderState): boolean {
  return status === 'pending' && paidCents === 0;
}

/** @throws OrderTransitionError when it is not pending, PaymentExceedsDueError when it is more than is due. */
export function pay(order: OrderState, amountCents: number): Changed {
  if (order.status !== 'pending') throw new OrderTransitionError(order.status, 'be paid');
  const dueCents = order.totalCents - order.paidCents;
  if (amountCents > dueCents) throw new PaymentExceedsDueError(dueCents);
  const status = amountCents === dueCents ? 'paid' : 'pending';
  return { status, paidCents: order.paidCents + amountCents, refundedCents: order.refundedCents };
}

/** @throws OrderTransitionError when it was never paid, RefundExceedsPaidError when it is more than is left. */
export function refund(order: OrderState, amountCents: number): Changed {
  if (!REFUNDABLE.includes(order.status)) throw new OrderTransitionError(order.status, 'be refunded');
  const leftCents = order.paidCents - order.refundedCents;
  if (amountCents > leftCents) throw new RefundExceedsPaidError(leftCents);
  const status = amountCents === leftCents ? 'refunded' : order.status;
  return { status, paidCents: order.paidCents, refundedCents: order.refundedCents + amountCents };
}

/** What was paid and not yet refunded goes back. @throws OrderTransitionError */
export function cancel(
  order: OrderState,
  byAdmin: boolean,
): { readonly changed: Changed; readonly refundCents: number } {
  const isAllowed = order.status === 'pending' || (order.status === 'paid' && byAdmin);
  if (!isAllowed) throw new OrderTransitionError(order.status, 'be cancelled');
  const { paidCents, refundedCents } = order;
  return {
    changed: { status: 'cancelled', paidCents, refundedCents: paidCents },
    refundCents: paidCents - refundedCents,
  };
}

/** @throws OrderTransitionError when the step before was not made. */
export function advance(order: OrderState, to: 'shipped' | 'delivered'): Changed {
  if (order.status !== BEFORE[to]) throw new OrderTransitionError(order.status, `become ${to}`);
  const { paidCents, refundedCents } = order;
  return { status: to, paidCents, refundedCents };
}
