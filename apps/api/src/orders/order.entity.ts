import { VersionedEntity } from '@app/database';
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  type Relation,
} from 'typeorm';
import { User } from '../users/index.js';
import type { OrderStatus } from './order.js';
import { OrderItem } from './order-item.entity.js';

@Entity('orders')
@Index('orders_placed_at_id_idx', ['placedAt', 'id'])
@Index('orders_user_id_placed_at_id_idx', ['userId', 'placedAt', 'id'])
@Index('orders_status_placed_at_id_idx', ['status', 'placedAt', 'id'])
@Check('orders_currency_check', `currency ~ '^[A-Z]{3}$'`)
@Check('orders_total_cents_check', 'total_cents >= 1')
@Check('orders_paid_cents_check', 'paid_cents >= 0 AND paid_cents <= total_cents')
@Check('orders_refunded_cents_check', 'refunded_cents >= 0 AND refunded_cents <= paid_cents')
@Check(
  'orders_status_check',
  `CASE status
    WHEN 'pending' THEN paid_cents < total_cents AND refunded_cents = 0
    WHEN 'paid' THEN paid_cents = total_cents AND refunded_cents < paid_cents
    WHEN 'shipped' THEN paid_cents = total_cents AND refunded_cents < paid_cents
    WHEN 'delivered' THEN paid_cents = total_cents AND refunded_cents < paid_cents
    WHEN 'cancelled' THEN refunded_cents = paid_cents
    WHEN 'refunded' THEN paid_cents = total_cents AND refunded_cents = paid_cents
    ELSE false END`,
)
export class Order extends VersionedEntity {
  @Column('uuid', { name: 'user_id' })
  userId: string;

  @ManyToOne(() => User)
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'orders_user_id_fkey' })
  user?: Relation<User>;

  @Column('text')
  status: OrderStatus;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'total_cents' })
  totalCents: number;

  @Column('bigint', { name: 'paid_cents', default: 0 })
  paidCents: number;

  @Column('bigint', { name: 'refunded_cents', default: 0 })
  refundedCents: number;

  @Column('text', { nullable: true })
  note: string | null;

  /** Always loaded: an order without its items is no order. */
  @OneToMany(() => OrderItem, (item) => item.order, { eager: true, cascade: ['insert', 'update'] })
  items: Relation<OrderItem>[];

  @CreateDateColumn({ name: 'placed_at', type: 'timestamptz', precision: 3 })
  placedAt: Date;
}
