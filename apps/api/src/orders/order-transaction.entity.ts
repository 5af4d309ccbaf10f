import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { Order } from './order.entity.js';

export const PAYMENT_METHODS = ['card', 'transfer', 'cash', 'other'] as const;

export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** One movement of money. Rows are only ever added: an order's rows sum up to its `paidCents` and `refundedCents`. */
@Entity('transactions')
@Index('transactions_order_id_created_at_id_idx', ['orderId', 'createdAt', 'id'])
@Index('transactions_created_at_idx', ['createdAt'])
@Check('transactions_amount_cents_check', 'amount_cents > 0')
@Check('transactions_currency_check', `currency ~ '^[A-Z]{3}$'`)
@Check('transactions_kind_check', `kind IN ('payment', 'refund')`)
@Check('transactions_method_check', `method IN ('card', 'transfer', 'cash', 'other')`)
export class OrderTransaction {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @ManyToOne(() => Order)
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'transactions_order_id_fkey' })
  order?: Relation<Order>;

  @Column('text')
  kind: 'payment' | 'refund';

  @Column('bigint', { name: 'amount_cents' })
  amountCents: number;

  @Column('text')
  currency: string;

  @Column('text', { nullable: true })
  method: PaymentMethod | null;

  @Column('text', { nullable: true })
  reason: string | null;

  /**
   * `<order>/<version of the order that it was booked on>`: unique, so that the database itself refuses a second
   * movement on the same state of an order.
   */
  @Index('transactions_reference_key', { unique: true })
  @Column('text')
  reference: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
