import { IdField, InstantField, OneOfField, PageQuery } from '@app/rest';
import { ORDER_STATUSES, type OrderStatus } from '../order.js';
import { SkuField } from './place-order.dto.js';

/** Filters of the orders of one user. */
export class ListUserOrdersQuery extends PageQuery {
  @OneOfField({
    description: 'Orders in this state.',
    values: ORDER_STATUSES,
    example: 'paid',
    enumName: 'OrderStatus',
    optional: true,
  })
  readonly status?: OrderStatus;

  @InstantField({ description: 'Placed at or after.', example: '2026-01-01T00:00:00Z', optional: true })
  readonly placedAfter?: Date;

  @InstantField({ description: 'Placed before.', example: '2026-02-01T00:00:00Z', optional: true })
  readonly placedBefore?: Date;

  @SkuField('Orders with an item of this stock keeping unit.', true)
  readonly sku?: string;
}

export class ListOrdersQuery extends ListUserOrdersQuery {
  @IdField({
    description: 'Orders of this user; others than admins may name themselves only.',
    example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10',
    optional: true,
  })
  readonly userId?: string;
}
