import type { CacheRule, RouteCall } from '@app/cache';

/** Tag of every list and count of users. */
export const USERS = 'users';

/** Tag of every list and sum over orders: the list of users shows some of them, and the orders feature names its changes. */
export const ORDERS = 'orders';

/** Tag of what is made from one user. @param id in any case, as it stands in paths. */
export function userTag(id: string): string {
  return `user:${id.toLowerCase()}`;
}

/** Tag of what is made from the orders of one user. */
export function ordersOf(userId: string): string {
  return `orders-of:${userId.toLowerCase()}`;
}

/** What a change of this user makes wrong. */
export function changedBy(user: { readonly id: string } | undefined): readonly string[] {
  return user ? [USERS, userTag(user.id)] : [];
}

const KEPT = { ttlMs: 30_000, staleMs: 60_000, scope: 'user' } as const;

export const ONE_USER: CacheRule<[RouteCall]> = { ...KEPT, tags: ({ params: { id = '' } }) => [userTag(id)] };

export const ONESELF: CacheRule<[RouteCall]> = { ...KEPT, tags: ({ userId }) => [userTag(userId ?? '')] };

export const USER_LIST: CacheRule<[RouteCall]> = {
  ...KEPT,
  tags: ({ query }) => (query['include'] === 'orders' ? [USERS, ORDERS] : [USERS]),
};
