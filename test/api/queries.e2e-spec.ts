import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { OrderTransaction } from '../../apps/api/src/orders/index.js';
import type { SignedIn } from '../support/factory.js';
import { expectConstantQueries, expectQueries, queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const times = <T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

const TOTAL = { Prefer: 'return=total-count' };
const read = (path: string, as = admin.token, headers = {}) =>
  app.client.get(`${path}${path.includes('?') ? '&' : '?'}limit=100`, { as, headers });

/** Users whose names start alike, so that a filter finds just them; each with orders of three items and a payment. */
async function users(count: number, prefix: string): Promise<void> {
  await times(count, async (n) => {
    const { id } = await app.factory.aUser({ name: `${prefix} ${n}` });
    await times(4, () => app.factory.anOrder(id, { status: 'paid', skus: ['A', 'B', 'C'] }));
  });
}

async function ordersOf(count: number): Promise<SignedIn> {
  const owner = await app.factory.signedIn();
  await times(count, (n) => app.factory.anOrder(owner.id, { skus: ['A', 'B', `C${n}`] }));
  return owner;
}

describe('a list → takes as many queries for 100 rows as for one', () => {
  it('GET /users', async () => {
    await expectConstantQueries(1, async (rows) => {
      await times(rows, (n) => app.factory.aUser({ name: `Plain${rows} ${n}` }));
      return read(`/users?name=Plain${rows}%20`);
    });
  });

  it('GET /users?include=orders', async () => {
    await expectConstantQueries(5, async (rows) => {
      await users(rows, `Rich${rows}`);
      return read(`/users?include=orders&name=Rich${rows}%20`);
    });
  });

  it('GET /orders', async () => {
    await expectConstantQueries(2, async (rows) => read('/orders', (await ordersOf(rows)).token));
  });

  it('GET /users/{id}/orders', async () => {
    await expectConstantQueries(3, async (rows) => {
      const { id, token } = await ordersOf(rows);
      return read(`/users/${id}/orders`, token);
    });
  });

  it('GET /orders/{id}/transactions', async () => {
    await expectConstantQueries(2, async (rows) => {
      const { id, token } = await app.factory.signedIn();
      const order = await app.factory.anOrder(id);
      const booked = {
        orderId: order.id,
        kind: 'payment',
        amountCents: 1,
        currency: 'USD',
        method: 'card',
        reason: null,
      } as const;
      const values = Array.from({ length: rows }, () => ({ id: newId(), reference: newId(), ...booked }));
      await app.dataSource.getRepository(OrderTransaction).insert(values);
      return read(`/orders/${order.id}/transactions`, token);
    });
  });

  it('GET /auth/sessions', async () => {
    await expectConstantQueries(1, async (rows) => {
      const user = await app.factory.aUser();
      const [{ token } = admin] = await times(rows, () => app.factory.session(user));
      return read('/auth/sessions', token);
    });
  });

  it.each(['/users', '/users?include=orders', '/orders', '/auth/sessions'])(
    'the total of %s → one more',
    async (path) => {
      const [plain, total] = [await read(path), await read(path, admin.token, TOTAL)];
      expect(queriesOf(total) - queriesOf(plain)).toBe(1);
    },
  );

  it('a page in the middle → as many as the first', async () => {
    const { token } = await ordersOf(5);
    const first = await app.client.get('/orders?limit=2', { as: token });
    const second = await app.client.get(`/orders?limit=2&cursor=${first.body.page.nextCursor}`, { as: token });
    expect(queriesOf(second)).toBe(queriesOf(first));
  });
});

describe('a single resource', () => {
  it.each([
    ['GET /users/me', '/users/me', 1],
    ['GET /protected', '/protected', 1],
    ['GET /aggregate', '/aggregate', 3],
  ])('%s → so many queries', async (_route, path, count) => {
    expectQueries(await app.client.get(path, { as: admin.token }), count);
  });

  it('GET /orders/{id} → one, whatever the number of items', async () => {
    for (const items of [1, 50]) {
      const skus = Array.from({ length: items }, (_, n) => `SKU-${n}`);
      const order = await app.factory.anOrder(admin.id, { skus });
      const reply = await app.client.get(`/orders/${order.id}`, { as: admin.token });
      expect(reply.body.items).toHaveLength(items);
      expectQueries(reply, 1);
    }
  });

  it('POST /orders → as many for 100 items as for one', async () => {
    const counts: number[] = [];
    for (const items of [1, 100]) {
      const body = {
        currency: 'USD',
        items: Array.from({ length: items }, (_, n) => ({ sku: `S${n}`, name: 'x', quantity: 1, unitPriceCents: 1 })),
      };
      const reply = await app.client.post('/orders', { as: admin.token, body });
      expect(reply.status).toBe(201);
      counts.push(queriesOf(reply));
    }
    // The transaction, the lock of the key and its answer of before, the order, its items, its row in the
    // audit log, the answer, the commit.
    expect(counts).toEqual([8, 8]);
  });
});
