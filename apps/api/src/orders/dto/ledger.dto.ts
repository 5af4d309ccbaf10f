import { ApiSchema } from '@nestjs/swagger';
import { IntegerField, OneOfField, TextField } from '@app/rest';
import { PAYMENT_METHODS, type PaymentMethod } from '../order-transaction.entity.js';

/** Largest total of an order: 100 items × 1000 × 10^9. */
const MAX_CENTS = 100_000_000_000_000;

@ApiSchema({ name: 'PayOrder', description: 'A payment, whole or in part.' })
export class PayOrderDto {
  @IntegerField({
    description: 'Amount in the minor unit, at most what is due.',
    example: 1580,
    min: 1,
    max: MAX_CENTS,
  })
  readonly amountCents: number;

  @OneOfField({ description: 'How it was paid.', values: PAYMENT_METHODS, example: 'card' })
  readonly method: PaymentMethod;
}

@ApiSchema({ name: 'RefundOrder', description: 'A refund, whole or in part.' })
export class RefundOrderDto {
  @IntegerField({
    description: 'Amount in the minor unit, at most what was paid and not refunded.',
    example: 790,
    min: 1,
    max: MAX_CENTS,
  })
  readonly amountCents: number;

  @TextField({ description: 'Why.', example: 'Arrived broken.', max: 500 })
  readonly reason: string;
}

@ApiSchema({ name: 'CancelOrder', description: 'A cancellation.' })
export class CancelOrderDto {
  @TextField({
    description: 'Why; kept with the refund.',
    example: 'Ordered twice.',
    max: 500,
    optional: true,
    nullable: true,
  })
  readonly reason?: string | null;
}
