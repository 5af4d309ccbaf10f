import type { CacheRule, RouteCall } from '@app/cache';
import { ORDERS, ordersOf, userTag } from '../users/index.js';

export { ordersOf };

/** Tag of what is made from one order. @param id in any case, as it stands in paths. */
export function orderTag(id: string): string {
  return `order:${id.toLowerCase()}`;
}

/** What a change of this order makes wrong. */
export function changedBy(order: { readonly id: string; readonly userId: string }): readonly string[] {
  return [ORDERS, orderTag(order.id), ordersOf(order.userId)];
}

const KEPT = { ttlMs: 30_000, staleMs: 60_000, scope: 'user' } as const;

/** An order, or its transactions. */
export const ONE_ORDER: CacheRule<[RouteCall]> = { ...KEPT, tags: ({ params: { id = '' } }) => [orderTag(id)] };

/** Those of everyone for admins, own ones for others. */
export const ORDER_LIST: CacheRule<[RouteCall]> = {
  ...KEPT,
  tags: ({ roles, userId }) => [roles.includes('admin') ? ORDERS : ordersOf(userId ?? '')],
};

export const ORDERS_OF_USER: CacheRule<[RouteCall]> = {
  ...KEPT,
  tags: ({ params: { id = '' } }) => [ordersOf(id), userTag(id)],
};
