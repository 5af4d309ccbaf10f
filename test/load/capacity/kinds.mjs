import { randomUUID } from 'node:crypto';
import { ANALYST, PASSWORD } from '../seed/statements.mjs';

/** One of each that was not asked for before. */
function another(list) {
  let next = 0;
  return () => list[next++ % list.length];
}

const item = (quantity) => ({ sku: 'LOAD-1', name: 'A thing', quantity, unitPriceCents: 1_000 });

/** Kinds of requests, each a function that says the next one: `{ method, path, body }`. */
export function kindsOf({ orders, users }) {
  const [order, user] = [another(orders), another(users)];
  const [same] = orders;
  const firstMs = Date.parse('2000-01-01');
  let instants = 0;
  const newInstant = () => new Date(firstMs + instants++).toISOString();
  return {
    'read, cached': () => ({ path: `/orders/${same}` }),
    'read, not cached': () => ({ path: `/orders/${order()}` }),
    'list, not cached': () => ({ path: `/users/${user()}/orders?limit=20&placedAfter=${newInstant()}` }),
    write: () => ({
      method: 'POST',
      path: '/orders',
      headers: { 'Idempotency-Key': randomUUID() },
      body: { currency: 'USD', items: [item(1), { ...item(2), sku: 'LOAD-2' }] },
    }),
    analytics: () => ({ path: '/analytics/revenue?currency=USD&granularity=day' }),
    'sign-in': () => ({
      method: 'POST',
      path: '/auth/token',
      body: { grant_type: 'password', username: ANALYST, password: PASSWORD },
    }),
  };
}

/** Of a shop on a usual day. */
export const USUAL_MIX = {
  'read, cached': 60,
  'read, not cached': 15,
  'list, not cached': 12,
  write: 10,
  analytics: 3,
};
