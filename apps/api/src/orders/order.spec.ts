import { describe, expect, it } from '@jest/globals';
import { AppError } from '@app/problem';
import {
  advance,
  cancel,
  isEditable,
  lineCents,
  ORDER_STATUSES,
  type OrderState,
  type OrderStatus,
  pay,
  refund,
  totalCents,
} from './order.js';

const TOTAL = 100;

/** What stands paid in each state; `refunded` has given all of it back. */
const PAID: Readonly<Record<OrderStatus, number>> = {
  pending: 0,
  paid: TOTAL,
  shipped: TOTAL,
  delivered: TOTAL,
  cancelled: TOTAL,
  refunded: TOTAL,
};

function anOrder(status: OrderStatus, amounts: Partial<OrderState> = {}): OrderState {
  const refundedCents = status === 'cancelled' || status === 'refunded' ? TOTAL : 0;
  return { status, totalCents: TOTAL, paidCents: PAID[status], refundedCents, ...amounts };
}

function refusalOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was allowed');
}

/** Every action with the states that it may start from, and where it leads. */
const ACTIONS: readonly {
  readonly name: string;
  readonly act: (order: OrderState) => { readonly status: OrderStatus };
  readonly leads: Partial<Record<OrderStatus, OrderStatus>>;
}[] = [
  { name: 'payment of all', act: (order) => pay(order, TOTAL), leads: { pending: 'paid' } },
  { name: 'payment of a part', act: (order) => pay(order, 1), leads: { pending: 'pending' } },
  {
    name: 'refund of all',
    act: (order) => refund(order, TOTAL),
    leads: { paid: 'refunded', shipped: 'refunded', delivered: 'refunded' },
  },
  {
    name: 'refund of a part',
    act: (order) => refund(order, 1),
    leads: { paid: 'paid', shipped: 'shipped', delivered: 'delivered' },
  },
  { name: 'cancellation by the owner', act: (order) => cancel(order, false).changed, leads: { pending: 'cancelled' } },
  {
    name: 'cancellation by an admin',
    act: (order) => cancel(order, true).changed,
    leads: { pending: 'cancelled', paid: 'cancelled' },
  },
  { name: 'shipment', act: (order) => advance(order, 'shipped'), leads: { paid: 'shipped' } },
  { name: 'delivery', act: (order) => advance(order, 'delivered'), leads: { shipped: 'delivered' } },
];

const CASES = ACTIONS.flatMap(({ name, act, leads }) =>
  ORDER_STATUSES.map((status) => ({ name, act, status, next: leads[status] })),
);

describe('state machine', () => {
  it.each(CASES.filter(({ next }) => next !== undefined))(
    '$name of a $status order → it is $next',
    ({ act, status, next }) => {
      expect(act(anOrder(status)).status).toBe(next);
    },
  );

  it.each(CASES.filter(({ next }) => next === undefined))(
    '$name of a $status order → refused with its state',
    ({ act, status }) => {
      const { problem, extensions } = refusalOf(() => act(anOrder(status)));
      expect({ ...problem, ...extensions }).toMatchObject({ code: 'order.transition_not_allowed', state: status });
    },
  );
});

describe('payment', () => {
  it.each([
    { paidCents: 0, amountCents: 1, after: { status: 'pending', paidCents: 1, refundedCents: 0 } },
    { paidCents: 0, amountCents: 99, after: { status: 'pending', paidCents: 99, refundedCents: 0 } },
    { paidCents: 99, amountCents: 1, after: { status: 'paid', paidCents: 100, refundedCents: 0 } },
    { paidCents: 40, amountCents: 60, after: { status: 'paid', paidCents: 100, refundedCents: 0 } },
  ])('$amountCents of 100 after $paidCents → $after.status', ({ paidCents, amountCents, after }) => {
    expect(pay(anOrder('pending', { paidCents }), amountCents)).toEqual(after);
  });

  it.each([
    [0, 101, '100 is due.'],
    [99, 2, '1 is due.'],
  ])('after %i, %i more than fits → refused, and says what is due', (paidCents, amountCents, detail) => {
    const refusal = refusalOf(() => pay(anOrder('pending', { paidCents }), amountCents));
    expect({ code: refusal.problem.code, detail: refusal.detail }).toEqual({ code: 'payment.exceeds_due', detail });
  });
});

describe('refund', () => {
  it.each([
    { refundedCents: 0, amountCents: 30, after: { status: 'delivered', paidCents: 100, refundedCents: 30 } },
    { refundedCents: 30, amountCents: 69, after: { status: 'delivered', paidCents: 100, refundedCents: 99 } },
    { refundedCents: 30, amountCents: 70, after: { status: 'refunded', paidCents: 100, refundedCents: 100 } },
  ])('$amountCents of 100 after $refundedCents → $after.status', ({ refundedCents, amountCents, after }) => {
    expect(refund(anOrder('delivered', { refundedCents }), amountCents)).toEqual(after);
  });

  it.each([
    [0, 101, '100 can be refunded.'],
    [30, 71, '70 can be refunded.'],
  ])('after %i, %i more than is left → refused, and says what is left', (refundedCents, amountCents, detail) => {
    const refusal = refusalOf(() => refund(anOrder('paid', { refundedCents }), amountCents));
    expect({ code: refusal.problem.code, detail: refusal.detail }).toEqual({ code: 'refund.exceeds_paid', detail });
  });
});

describe('cancellation', () => {
  it.each([
    { of: 'an unpaid order', order: anOrder('pending'), refundCents: 0, refundedCents: 0 },
    { of: 'a part-paid order', order: anOrder('pending', { paidCents: 40 }), refundCents: 40, refundedCents: 40 },
    { of: 'a paid order', order: anOrder('paid'), refundCents: 100, refundedCents: 100 },
    { of: 'a part-refunded order', order: anOrder('paid', { refundedCents: 30 }), refundCents: 70, refundedCents: 100 },
  ])('of $of → gives $refundCents back', ({ order, refundCents, refundedCents }) => {
    expect(cancel(order, true)).toEqual({
      changed: { status: 'cancelled', paidCents: order.paidCents, refundedCents },
      refundCents,
    });
  });
});

describe('steps', () => {
  it('shipment of a part-refunded order → its amounts stay', () => {
    expect(advance(anOrder('paid', { refundedCents: 30 }), 'shipped')).toEqual({
      status: 'shipped',
      paidCents: 100,
      refundedCents: 30,
    });
  });
});

describe('items', () => {
  it.each(ORDER_STATUSES)('of an unpaid %s order → editable only while pending', (status) => {
    expect(isEditable(anOrder(status, { paidCents: 0, refundedCents: 0 }))).toBe(status === 'pending');
  });

  it('of a part-paid pending order → settled', () => {
    expect(isEditable(anOrder('pending', { paidCents: 1 }))).toBe(false);
  });
});

describe('totals', () => {
  it.each([
    [1, 0, 0],
    [3, 333, 999],
    [1_000, 1_000_000_000, 1_000_000_000_000],
  ])('%i at %i → %i', (quantity, unitPriceCents, expected) => {
    expect(lineCents({ quantity, unitPriceCents })).toBe(expected);
  });

  it('several lines → their sum', () => {
    expect(
      totalCents([
        { quantity: 2, unitPriceCents: 790 },
        { quantity: 1, unitPriceCents: 0 },
        { quantity: 3, unitPriceCents: 5 },
      ]),
    ).toBe(1_595);
  });

  it('the largest order → exact, in a safe integer', () => {
    const total = totalCents(Array.from({ length: 100 }, () => ({ quantity: 1_000, unitPriceCents: 1_000_000_000 })));
    expect(total).toBe(100_000_000_000_000);
    expect(Number.isSafeInteger(total)).toBe(true);
  });
});
