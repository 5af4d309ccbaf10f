import { AppError, defineProblem, RequestInvalidError } from '@app/problem';

export const ORDER_NOT_FOUND = defineProblem({
  code: 'order.not_found',
  status: 404,
  title: 'No such order',
  description: 'The order does not exist, or is not yours to see.',
});

export const TRANSACTION_NOT_FOUND = defineProblem({
  code: 'transaction.not_found',
  status: 404,
  title: 'No such transaction',
  description: 'The order has no such payment or refund.',
});

export const ORDER_TRANSITION_NOT_ALLOWED = defineProblem({
  code: 'order.transition_not_allowed',
  status: 409,
  title: 'Not possible in this state',
  description: 'The order is in a state, named by `state`, in which this cannot happen, or not by this caller.',
});

export const ORDER_NOT_EDITABLE = defineProblem({
  code: 'order.not_editable',
  status: 409,
  title: 'Items are settled',
  description: 'Items change only while the order is pending and nothing is paid; `state` names its state.',
});

export const PAYMENT_EXCEEDS_DUE = defineProblem({
  code: 'payment.exceeds_due',
  status: 422,
  title: 'More than is due',
  description: 'The payment is more than the order still costs.',
});

export const REFUND_EXCEEDS_PAID = defineProblem({
  code: 'refund.exceeds_paid',
  status: 422,
  title: 'More than was paid',
  description: 'The refund is more than was paid and not yet refunded.',
});

export class OrderNotFoundError extends AppError {
  constructor() {
    super(ORDER_NOT_FOUND, 'There is no such order.');
  }
}

export class TransactionNotFoundError extends AppError {
  constructor() {
    super(TRANSACTION_NOT_FOUND, 'There is no such transaction of this order.');
  }
}

export class OrderTransitionError extends AppError {
  /** @param what completes "it cannot …". */
  constructor(state: string, what: string) {
    super(ORDER_TRANSITION_NOT_ALLOWED, `The order is ${state}; it cannot ${what}.`, { extensions: { state } });
  }
}

export class OrderNotEditableError extends AppError {
  constructor(state: string) {
    super(ORDER_NOT_EDITABLE, 'The items change only while the order is pending and unpaid.', {
      extensions: { state },
    });
  }
}

export class PaymentExceedsDueError extends AppError {
  constructor(dueCents: number) {
    const detail = `${dueCents} is due.`;
    super(PAYMENT_EXCEEDS_DUE, detail, { errors: [{ pointer: '/amountCents', code: 'exceeds_due', detail }] });
  }
}

export class RefundExceedsPaidError extends AppError {
  constructor(leftCents: number) {
    const detail = `${leftCents} can be refunded.`;
    super(REFUND_EXCEEDS_PAID, detail, { errors: [{ pointer: '/amountCents', code: 'exceeds_paid', detail }] });
  }
}

/** An order of free things only. */
export class WorthlessOrderError extends RequestInvalidError {
  constructor() {
    super([{ pointer: '/items', code: 'total', detail: 'The total of an order is at least 1.' }]);
  }
}
