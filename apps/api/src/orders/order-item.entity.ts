import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { Order } from './order.entity.js';

@Entity('order_items')
@Unique('order_items_order_id_sku_key', ['orderId', 'sku'])
@Index('order_items_sku_idx', ['sku', 'orderId'])
@Check('order_items_quantity_check', 'quantity >= 1')
@Check('order_items_unit_price_cents_check', 'unit_price_cents >= 0')
@Check('order_items_line_cents_check', 'line_cents = quantity * unit_price_cents')
export class OrderItem {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @ManyToOne(() => Order, (order) => order.items, { onDelete: 'CASCADE', orphanedRowAction: 'delete' })
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'order_items_order_id_fkey' })
  order: Relation<Order>;

  /** Place in the order, from 0. */
  @Column('smallint')
  position: number;

  @Column('text')
  sku: string;

  @Column('text')
  name: string;

  @Column('integer')
  quantity: number;

  @Column('bigint', { name: 'unit_price_cents' })
  unitPriceCents: number;

  @Column('bigint', { name: 'line_cents' })
  lineCents: number;
}
