import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { Order } from '../order.entity.js';

/** Which order a row of an import became. Stands before its order does: the row that gets in makes the order. */
@Entity('order_imports')
@Unique('order_imports_order_id_key', ['orderId'])
export class OrderImport {
  /** As the source names the order; unique in the deployment. */
  @PrimaryColumn('text', { name: 'external_id' })
  externalId: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @ManyToOne(() => Order, { onDelete: 'CASCADE', deferrable: 'INITIALLY DEFERRED' })
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'order_imports_order_id_fkey' })
  order?: Relation<Order>;

  /** Hash of the content, email address included; null once the customer was erased. */
  @Column('text', { nullable: true })
  fingerprint: string | null;
}
