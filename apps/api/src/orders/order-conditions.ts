import { idAfter } from '@app/database';
import type { Position } from '@app/rest';
import { And, type FindOperator, type FindOptionsWhere, LessThan, MoreThanOrEqual, Raw } from 'typeorm';
import type { ListUserOrdersQuery } from './dto/list-orders.query.js';
import type { Order } from './order.entity.js';

/** What a list wants of an order, and the place in it from which the page goes on. */
export function matching(
  query: ListUserOrdersQuery,
  userId: string | undefined,
  after?: Position,
): FindOptionsWhere<Order> {
  const { status, placedAfter, placedBefore, sku } = query;
  const time = [placedAfter && MoreThanOrEqual(placedAfter), placedBefore && LessThan(placedBefore)].filter(
    (bound) => bound !== undefined,
  );
  const id = [after && idAfter('placed_at', after), sku !== undefined && hasSku(sku)].filter(
    (bound) => typeof bound === 'object',
  );
  return {
    ...(userId !== undefined && { userId }),
    ...(status !== undefined && { status }),
    ...(time.length > 0 && { placedAt: And(...time) }),
    ...(id.length > 0 && { id: And(...id) }),
  };
}

/** A condition on the items would load only those that match it. */
function hasSku(sku: string): FindOperator<string> {
  return Raw((id) => `EXISTS (SELECT FROM order_items item WHERE item.order_id = ${id} AND item.sku = :sku)`, { sku });
}
