import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type OrderTransaction, PAYMENT_METHODS, type PaymentMethod } from '../order-transaction.entity.js';

@ApiSchema({ name: 'Transaction', description: 'One payment or refund.' })
export class TransactionDto {
  @ApiProperty({
    description: 'Id of the transaction.',
    example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a13',
    format: 'uuid',
  })
  readonly id: string;

  @ApiProperty({ description: 'Its order.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', format: 'uuid' })
  readonly orderId: string;

  @ApiProperty({ description: 'Which way the money went.', example: 'payment', enum: ['payment', 'refund'] })
  readonly kind: 'payment' | 'refund';

  @ApiProperty({
    description: 'Amount in the minor unit, above 0 for both kinds.',
    example: 1580,
    type: 'integer',
    format: 'int64',
  })
  readonly amountCents: number;

  @ApiProperty({ description: 'ISO 4217 code, that of the order.', example: 'USD' })
  readonly currency: string;

  @ApiProperty({
    description: 'How it was paid; null for refunds.',
    example: 'card',
    enum: [...PAYMENT_METHODS, null],
    nullable: true,
  })
  readonly method: PaymentMethod | null;

  @ApiProperty({ description: 'Why it was refunded; null for payments.', example: null, type: String, nullable: true })
  readonly reason: string | null;

  @ApiProperty({ description: 'When it was booked.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly createdAt: Date;

  static from(transaction: OrderTransaction): TransactionDto {
    const { id, orderId, kind, amountCents, currency, method, reason, createdAt } = transaction;
    return { id, orderId, kind, amountCents, currency, method, reason, createdAt };
  }
}
