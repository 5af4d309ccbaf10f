import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let owner: SignedIn;
let admin: SignedIn;
let order: string;
/** Every movement of the order, newest first, as it was answered when it was booked. */
let booked: Reply[];
beforeAll(async () => {
  app = await TestApp.start();
  [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
  order = (await app.factory.anOrder(owner.id)).id;
  booked = [];
  const post = async (path: string, body: object) =>
    booked.unshift(await app.client.post(`/orders/${order}/${path}`, { as: admin.token, body }));
  for (const amountCents of [500, 1_000, 1_500]) await post('payments', { amountCents, method: 'card' });
  for (const amountCents of [700, 200]) await post('refunds', { amountCents, reason: 'Broken.' });
  await app.client.post(`/orders/${(await app.factory.anOrder(owner.id)).id}/payments`, {
    as: owner.token,
    body: { amountCents: 1, method: 'card' },
  });
});
afterAll(() => app.stop());

const list = (query = '', as = owner, id = order) =>
  app.client.get(`/orders/${id}/transactions${query}`, { as: as.token });
const read = (id: string, as = owner, of = order) =>
  app.client.get(`/orders/${of}/transactions/${id}`, { as: as.token });
const outcome = ({ status, body }: Reply) => [status, body.code];

describe('GET /orders/{id}/transactions', () => {
  it('the owner and an admin → all of this order, newest first, as they were booked', async () => {
    for (const who of [owner, admin]) {
      const { body } = await list('', who);
      expect(body).toEqual({
        data: booked.map((reply) => reply.body),
        page: { limit: 20, nextCursor: null, hasMore: false },
      });
    }
  });

  it('an unpaid order → an empty list', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await list('', owner, id)).body.data).toEqual([]);
  });

  it('a walk of pages of 2 → every movement once, with the total on request', async () => {
    const walked: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/orders/${order}/transactions?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const reply: Reply = await app.client.get(path, { as: owner.token, headers: { Prefer: 'return=total-count' } });
      expect(reply.body.page.total).toBe(5);
      walked.push(...reply.body.data);
      cursor = reply.body.page.nextCursor;
    }
    expect(walked).toEqual(booked.map((reply) => reply.body));
  });

  it('a cursor of another order → 422', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'refunded' });
    const { body } = await list('?limit=1');
    expect(outcome(await list(`?limit=1&cursor=${body.page.nextCursor}`, owner, id))).toEqual([422, 'cursor.invalid']);
  });

  it('a filter → 422: there is none', async () => {
    expect(pointersOf(await list('?kind=refund'))).toEqual(['query:kind']);
  });

  it.each([
    ['another customer', async () => list('', await app.factory.signedIn())],
    ['an analyst', async () => list('', await app.factory.analyst())],
    ['an admin, an order that is none', async () => list('', admin, newId())],
  ])('%s → 404', async (_who, ask) => {
    expect(outcome(await ask())).toEqual([404, 'order.not_found']);
  });
});

describe('GET /orders/{id}/transactions/{transactionId}', () => {
  it('the Location of every payment and refund → that transaction', async () => {
    for (const reply of booked) {
      const path = (reply.headers['location'] ?? '').replace('/api/v1', '');
      const { text, headers } = await app.client.get(path, { as: owner.token });
      expect([text, headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
    }
    expect(booked).toHaveLength(5);
  });

  it.each<[string, () => Promise<Reply>, string]>([
    ['an id that nobody has', async () => read(newId()), 'transaction.not_found'],
    [
      'a transaction of another order of the same user',
      async () => read(booked[0]?.body.id, owner, (await app.factory.anOrder(owner.id)).id),
      'transaction.not_found',
    ],
    ['another customer', async () => read(booked[0]?.body.id, await app.factory.signedIn()), 'order.not_found'],
    ['an order that is none', async () => read(booked[0]?.body.id, admin, newId()), 'order.not_found'],
  ])('%s → 404', async (_situation, ask, code) => {
    expect(outcome(await ask())).toEqual([404, code]);
  });

  it('an id that is none → 422', async () => {
    expect(pointersOf(await read('7'))).toEqual(['path:transactionId']);
  });
});

describe('a transaction, once booked', () => {
  it.each(['PATCH', 'PUT', 'DELETE'])('%s → 405: the ledger is only ever added to', async (method) => {
    const reply = await app.client.send(method, `/orders/${order}/transactions/${booked[0]?.body.id}`, {
      as: admin.token,
    });
    expect([reply.status, reply.headers['allow']]).toEqual([405, expect.stringContaining('GET')]);
  });
});
