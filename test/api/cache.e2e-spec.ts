import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../apps/api/src/app.openapi.js';
import { User } from '../../apps/api/src/users/index.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { anItem, ifMatch } from '../support/orders.js';
import { queriesOf } from '../support/queries.js';
import { SecondInstance } from '../support/second-instance.js';
import { TestApp } from '../support/test-app.js';

const HIT = 'plinth; hit; detail=L1';
const MISS = 'plinth; fwd=uri-miss';

let app: TestApp;
let owner: SignedIn;
let stranger: SignedIn;
let analyst: SignedIn;
let admin: SignedIn;
let orderId: string;
let paymentId: string;
let uncached: SecondInstance;

beforeAll(async () => {
  app = await TestApp.start();
  uncached = await SecondInstance.start(app, { CACHE: 'off' });
});
afterAll(async () => {
  await uncached.stop();
  await app.stop();
});

beforeEach(async () => {
  [owner, stranger, analyst, admin] = await Promise.all([
    app.factory.signedIn(),
    app.factory.signedIn(),
    app.factory.analyst(),
    app.factory.admin(),
  ]);
  const order = await app.client.post('/orders', { as: owner.token, body: { currency: 'USD', items: [anItem()] } });
  orderId = order.body.id;
  const payment = await app.client.post(`/orders/${orderId}/payments`, {
    as: owner.token,
    body: { amountCents: 100, method: 'card' },
  });
  paymentId = payment.body.id;
});

/** From an instance that keeps nothing. */
function truth(path: string, token: string): Promise<Reply> {
  return uncached.client.get(path, { as: token });
}

/** What a caller sees; the instant of the figures and the request are those of the answer. */
function seen({ status, body }: Reply): object {
  const { asOf: _asOf, requestId: _requestId, ...rest } = body;
  return { status, ...rest };
}

const CACHED = {
  'GET /users': () => '/users',
  'GET /users with orders': () => '/users?include=orders',
  'GET /users/me': () => '/users/me',
  'GET /users/{id}': () => `/users/${owner.id}`,
  'GET /users/{id}/orders': () => `/users/${owner.id}/orders`,
  'GET /users/{id}/analytics': () => `/users/${owner.id}/analytics`,
  'GET /orders': () => '/orders',
  'GET /orders, of one user': () => `/orders?userId=${owner.id}`,
  'GET /orders/{id}': () => `/orders/${orderId}`,
  'GET /orders/{id}/transactions': () => `/orders/${orderId}/transactions`,
  'GET /orders/{id}/transactions/{transactionId}': () => `/orders/${orderId}/transactions/${paymentId}`,
  'GET /aggregate': () => '/aggregate',
} as const;
const ROUTES = Object.entries(CACHED);

describe('every cached route', () => {
  it('the document → names no other', async () => {
    const { paths } = openApiDocument(app.app);
    const documented = Object.entries(paths)
      .filter(([, { get }]) => JSON.stringify(get?.responses['200'] ?? {}).includes('Cache-Status'))
      .map(([path]) => `GET ${path.replace('/api/v1', '')}`);
    const tested = new Set(ROUTES.map(([name]) => name.replace(/(,| with) .*$/, '')));
    expect(new Set(documented)).toEqual(tested);
  });

  it.each(ROUTES)('%s → kept: the same bytes and headers, without a query', async (_name, path) => {
    const first = await app.client.get(path(), { as: admin.token });
    const second = await app.client.get(path(), { as: admin.token });
    expect([first.headers['cache-status'], second.headers['cache-status']]).toEqual([MISS, HIT]);
    expect(second.text).toBe(first.text);
    const kept = ['etag', 'vary', 'cache-control', 'content-type', 'content-length', 'link'];
    expect(kept.map((name) => second.headers[name])).toEqual(kept.map((name) => first.headers[name]));
    expect(queriesOf(second)).toBe(0);
  });

  it.each(ROUTES)('%s, with the ETag that it has → 304, without a query', async (_name, path) => {
    const { headers } = await app.client.get(path(), { as: admin.token });
    const again = await app.client.get(path(), {
      as: admin.token,
      headers: { 'If-None-Match': headers['etag'] ?? '' },
    });
    expect([again.status, again.text, again.headers['etag'], again.headers['cache-status']]).toEqual([
      304,
      '',
      headers['etag'],
      HIT,
    ]);
    expect(queriesOf(again)).toBe(0);
  });

  it.each(ROUTES)('%s, whoever asked first → each of four callers sees what is his', async (_name, path) => {
    const callers = [owner, stranger, analyst, admin];
    for (const first of callers) {
      await app.client.get(path(), { as: first.token });
      for (const { token } of callers) {
        const [given, right] = [await app.client.get(path(), { as: token }), await truth(path(), token)];
        expect(seen(given)).toEqual(seen(right));
      }
    }
    expect((await app.client.get(path())).status).toBe(401);
  });

  it('a user whose roles have changed → sees what he may see now', async () => {
    expect((await app.client.get('/orders', { as: stranger.token })).body.data).toEqual([]);
    const read = await app.client.get(`/users/${stranger.id}`, { as: admin.token });
    const body = { roles: ['customer', 'admin'] };
    await app.client.patch(`/users/${stranger.id}`, { as: admin.token, body, headers: ifMatch(read) });
    const user = await app.dataSource.getRepository(User).findOneByOrFail({ id: stranger.id });
    const promoted = await app.factory.session(user);
    expect((await app.client.get('/orders', { as: promoted.token })).body.data.length).toBeGreaterThan(0);
  });
});

describe('what makes another answer', () => {
  it('parameters in another order → the same entry; other values → another', async () => {
    await app.client.get('/orders?limit=5&status=pending', { as: owner.token });
    const swapped = await app.client.get('/orders?status=pending&limit=5', { as: owner.token });
    const other = await app.client.get('/orders?status=pending&limit=6', { as: owner.token });
    expect([swapped.headers['cache-status'], other.headers['cache-status']]).toEqual([HIT, MISS]);
  });

  it('a total that is asked for → not the page without it', async () => {
    await app.client.get('/orders', { as: owner.token });
    const totalled = await app.client.get('/orders', { as: owner.token, headers: { Prefer: 'return=total-count' } });
    expect(totalled.body.page.total).toBe(1);
    expect((await app.client.get('/orders', { as: owner.token })).body.page).not.toHaveProperty('total');
  });

  it('a preference that nobody knows → the same entry', async () => {
    await app.client.get('/orders', { as: owner.token });
    const asked = await app.client.get('/orders', { as: owner.token, headers: { Prefer: 'nonsense=1' } });
    expect(asked.headers['cache-status']).toBe(HIT);
  });

  it.each([
    ['an undeclared parameter', '?nonsense=1', {}, 422],
    ['a repeated parameter', '?limit=5&limit=5', {}, 422],
    ['nothing acceptable', '', { Accept: 'text/html' }, 406],
  ])('%s → refused although the route is kept', async (_situation, query, headers, status) => {
    await app.client.get('/orders', { as: owner.token });
    for (const _ of [1, 2]) {
      expect((await app.client.get(`/orders${query}`, { as: owner.token, headers })).status).toBe(status);
    }
  });

  it('what does not exist → 404 until it does', async () => {
    const missing = `/orders/${orderId.slice(0, -4)}0000`;
    const replies = [
      await app.client.get(missing, { as: owner.token }),
      await app.client.get(missing, { as: owner.token }),
    ];
    expect(replies.map(({ status, headers }) => [status, headers['cache-status']])).toEqual([
      [404, undefined],
      [404, undefined],
    ]);
  });

  it('HEAD → from the same entry', async () => {
    await app.client.get(`/orders/${orderId}`, { as: owner.token });
    const head = await app.client.head(`/orders/${orderId}`, { as: owner.token });
    expect([head.status, head.text, head.headers['cache-status']]).toEqual([200, '', HIT]);
  });
});

describe('a write', () => {
  /** Everything is in memory for everyone who may see it. */
  async function warm(): Promise<void> {
    for (const [, path] of ROUTES) {
      for (const { token } of [owner, admin, analyst]) await app.client.get(path(), { as: token });
    }
  }

  const items = [anItem({ quantity: 3 })];
  const read = (path: string) => app.client.get(path, { as: admin.token });
  const WRITES: Record<string, () => Promise<Reply>> = {
    'POST /orders': () => app.client.post('/orders', { as: owner.token, body: { currency: 'USD', items } }),
    'POST /orders/batch': () =>
      app.client.post('/orders/batch', { as: owner.token, body: { orders: [{ currency: 'USD', items }] } }),
    'PATCH /orders/{id}': async () =>
      app.client.patch(`/orders/${orderId}`, {
        as: owner.token,
        body: { note: 'changed' },
        headers: ifMatch(await app.client.get(`/orders/${orderId}`, { as: owner.token })),
      }),
    'POST payments': () =>
      app.client.post(`/orders/${orderId}/payments`, {
        as: owner.token,
        body: { amountCents: 1, method: 'card' },
      }),
    'POST cancellation': () => app.client.post(`/orders/${orderId}/cancellation`, { as: owner.token }),
    'PATCH /users/{id}': async () =>
      app.client.patch(`/users/${owner.id}`, {
        as: owner.token,
        body: { name: 'Somebody else' },
        headers: ifMatch(await app.client.get(`/users/${owner.id}`, { as: owner.token })),
      }),
    'POST /users': () =>
      app.client.post('/users', {
        body: { name: 'New', email: `new-${orderId}@example.com`, password: 'a password for tests' },
      }),
    'DELETE /users/{id}': async () =>
      app.client.delete(`/users/${owner.id}`, {
        as: admin.token,
        headers: ifMatch(await read(`/users/${owner.id}`)),
      }),
  };

  it.each(Object.entries(WRITES))('%s → seen by the next read of everyone, on every route', async (_name, write) => {
    await warm();
    expect((await write()).status).toBeLessThan(300);
    for (const [, path] of ROUTES) {
      for (const { token } of [owner, admin, analyst]) {
        const [given, right] = [await app.client.get(path(), { as: token }), await truth(path(), token)];
        expect([path(), seen(given)]).toEqual([path(), seen(right)]);
      }
    }
  });

  it('that fails → drops nothing', async () => {
    await app.client.get(`/orders/${orderId}`, { as: owner.token });
    const refused = await app.client.post(`/orders/${orderId}/payments`, {
      as: owner.token,
      body: { amountCents: 1_000_000, method: 'card' },
    });
    expect(refused.status).toBe(422);
    const after = await app.client.get(`/orders/${orderId}`, { as: owner.token });
    expect(after.headers['cache-status']).toBe(HIT);
  });

  it('to another order → leaves this one kept', async () => {
    await app.client.get(`/orders/${orderId}`, { as: owner.token });
    await app.client.post('/orders', { as: stranger.token, body: { currency: 'USD', items } });
    const after = await app.client.get(`/orders/${orderId}`, { as: owner.token });
    expect(after.headers['cache-status']).toBe(HIT);
  });
});

describe('a service method', () => {
  it('its result is kept until what it was made from changes', async () => {
    await app.client.get('/protected', { as: owner.token });
    const kept = await app.client.get('/protected', { as: owner.token });
    expect([kept.body.message, queriesOf(kept)]).toEqual([`Hello ${owner.name}`, 0]);
    const user = await app.client.get('/users/me', { as: owner.token });
    const change = { as: owner.token, body: { name: 'Ada' }, headers: ifMatch(user) };
    await app.client.patch(`/users/${owner.id}`, change);
    expect((await app.client.get('/protected', { as: owner.token })).body.message).toBe('Hello Ada');
  });
});
