import { newId } from '@app/database';
import { Session } from '../../apps/api/src/auth/index.js';
import { Order, OrderTransaction } from '../../apps/api/src/orders/index.js';
import { User } from '../../apps/api/src/users/index.js';
import type { Reply } from './api-client.js';
import type { SignedIn } from './factory.js';
import type { TestApp } from './test-app.js';

const ROWS = 250;
/** Two thirds of the rows share one moment: only the id tells them apart. */
const MOMENTS = ['2026-01-31T12:00:00.001Z', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.001Z'] as const;

interface Placed {
  readonly id: string;
  readonly at: Date;
}

/** A list that is longer than two pages, and who may read it. */
export interface LongList {
  readonly path: string;
  readonly as: string;
  /** Of every row, in the order in which the list should have them. */
  readonly ids: readonly string[];
}

/** Long lists of every kind: all users named Walker, the orders of `owner`, the transactions of one, his sessions. */
export async function longLists(app: TestApp, admin: SignedIn, owner: SignedIn): Promise<Map<string, LongList>> {
  const [users, orders, sessions] = [placed(), placed(), placed()];
  await insertUsers(app, users);
  await insertOrders(app, orders, owner.id);
  await insertSessions(app, sessions, owner.id);
  const [{ id: orderId } = { id: '' }] = orders;
  const transactions = await insertTransactions(app, orderId);
  const own = { id: owner.sessionId, at: new Date() };
  return new Map([
    ['users', { path: '/users?name=Walker', as: admin.token, ids: newestFirst(users) }],
    ['orders', { path: '/orders', as: owner.token, ids: newestFirst(orders) }],
    ["a user's orders", { path: `/users/${owner.id}/orders`, as: admin.token, ids: newestFirst(orders) }],
    ['transactions', { path: `/orders/${orderId}/transactions`, as: owner.token, ids: newestFirst(transactions) }],
    ['sessions', { path: '/auth/sessions', as: owner.token, ids: newestFirst([...sessions, own]) }],
  ]);
}

/** Where a page links to, without the prefix that the client adds. */
export function linkOf(reply: Reply, rel: 'first' | 'next'): string | undefined {
  const links = [...(reply.headers['link'] ?? '').matchAll(/<\/api\/v1([^>]+)>; rel="(\w+)"/g)];
  return links.find(([, , name]) => name === rel)?.[1];
}

/** Every page, by the links. */
export async function pagesOf(app: TestApp, { path, as }: LongList, limit: number): Promise<Reply[]> {
  const found: Reply[] = [];
  let next: string | undefined = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
  while (next !== undefined) {
    const reply: Reply = await app.client.get(next, { as });
    found.push(reply);
    next = linkOf(reply, 'next');
  }
  return found;
}

function placed(): Placed[] {
  return Array.from({ length: ROWS }, (_, n) => ({ id: newId(), at: new Date(MOMENTS[n % 3] ?? 0) }));
}

function newestFirst(rows: readonly Placed[]): string[] {
  return rows.toSorted((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
}

async function insertUsers({ factory, dataSource }: TestApp, rows: readonly Placed[]): Promise<void> {
  const { passwordHash } = await factory.aUser();
  const users = rows.map(({ id, at }) => {
    const email = `${id}@example.com`;
    return {
      id,
      name: 'Walker',
      email,
      emailKey: email,
      age: null,
      roles: ['customer' as const],
      passwordHash,
      createdAt: at,
    };
  });
  await dataSource.getRepository(User).insert(users);
}

async function insertOrders({ dataSource }: TestApp, rows: readonly Placed[], userId: string): Promise<void> {
  const order = { userId, status: 'pending', currency: 'USD', totalCents: 1_000, note: null } as const;
  await dataSource.getRepository(Order).insert(rows.map(({ id, at }) => ({ id, placedAt: at, ...order })));
}

async function insertTransactions({ dataSource }: TestApp, orderId: string): Promise<Placed[]> {
  const rows = placed();
  const booked = { orderId, kind: 'payment', amountCents: 1, currency: 'USD', method: 'card', reason: null } as const;
  const transactions = rows.map(({ id, at }) => ({ id, createdAt: at, reference: id, ...booked }));
  await dataSource.getRepository(OrderTransaction).insert(transactions);
  return rows;
}

async function insertSessions({ dataSource }: TestApp, rows: readonly Placed[], userId: string): Promise<void> {
  const now = Date.now();
  const session = {
    userId,
    lastUsedAt: new Date(now),
    expiresAt: new Date(now + 3_600_000),
    userAgent: null,
    ip: null,
    revokedAt: null,
  };
  await dataSource.getRepository(Session).insert(rows.map(({ id, at }) => ({ id, createdAt: at, ...session })));
}
