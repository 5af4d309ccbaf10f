import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES } from '../../apps/api/src/orders/order.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { anItem, ledgerFaults, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);

let app: TestApp;
let owner: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
});
afterAll(async () => {
  expect(await ledgerFaults(app.dataSource)).toEqual([]);
  await app.stop();
});

const read = async (id: string) => (await app.client.get(`/orders/${id}`, { as: owner.token })).body;
const pay = (id: string, body: object, as = owner) => app.client.post(`/orders/${id}/payments`, { as: as.token, body });
const card = (amountCents: number) => ({ amountCents, method: 'card' });
const outcome = ({ status, body }: Reply) => [status, body.code];

describe('POST /orders/{id}/payments', () => {
  it('all that is due → 201 with Location and ETag, the order is paid', async () => {
    const { id } = await app.factory.anOrder(owner.id, { currency: 'EUR' });
    const reply = await pay(id, { amountCents: 3_000, method: 'transfer' });
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      id: UUID,
      orderId: id,
      kind: 'payment',
      amountCents: 3_000,
      currency: 'EUR',
      method: 'transfer',
      reason: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(reply.headers['location']).toBe(`/api/v1/orders/${id}/transactions/${reply.body.id}`);
    const { text, headers } = await app.client.get(`/orders/${id}/transactions/${reply.body.id}`, { as: owner.token });
    expect([text, headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
    expect(await read(id)).toMatchObject({
      status: 'paid',
      paidCents: 3_000,
      refundedCents: 0,
      version: 2,
      updatedAt: reply.body.createdAt,
    });
  });

  it('parts → add up, each is a change, the last one makes it paid', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const steps: unknown[] = [];
    for (const amount of [1, 1_999, 1_000]) {
      await pay(id, card(amount));
      const { status, paidCents, version } = await read(id);
      steps.push([status, paidCents, version]);
    }
    expect(steps).toEqual([
      ['pending', 1, 2],
      ['pending', 2_000, 3],
      ['paid', 3_000, 4],
    ]);
  });

  it.each(['card', 'transfer', 'cash', 'other'])('by %s → kept as given', async (method) => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await pay(id, { amountCents: 1, method })).body.method).toBe(method);
  });

  it('by an admin for somebody → the order is paid', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await pay(id, card(3_000), admin)).status).toBe(201);
    expect((await read(id)).status).toBe('paid');
  });

  it('the largest order there can be → paid in full, to the cent', async () => {
    const items = Array.from({ length: 100 }, (_, n) => anItem({ sku: `S${n}`, quantity: 1_000, unitPriceCents: 1e9 }));
    const order = (await app.client.post('/orders', { as: owner.token, body: { currency: 'USD', items } })).body;
    expect((await pay(order.id, card(order.totalCents - 1))).status).toBe(201);
    expect((await pay(order.id, card(2))).body.detail).toBe('1 is due.');
    expect((await pay(order.id, card(1))).status).toBe(201);
    expect(await read(order.id)).toMatchObject({ status: 'paid', paidCents: 100_000_000_000_000 });
  });
});

describe('POST /orders/{id}/payments refuses', () => {
  it.each([
    [0, 3_001, '3000 is due.'],
    [1_000, 2_001, '2000 is due.'],
    [2_999, 2, '1 is due.'],
    [0, 100_000_000_000_000, '3000 is due.'],
  ])(
    'after %i of 3000, another %i → 422 that says what is due, and nothing is booked',
    async (paidCents, amountCents, detail) => {
      const { id } = await app.factory.anOrder(owner.id, { paidCents });
      const before = await read(id);
      const reply = await pay(id, card(amountCents));
      expect([...outcome(reply), reply.body.detail, pointersOf(reply)]).toEqual([
        422,
        'payment.exceeds_due',
        detail,
        ['/amountCents'],
      ]);
      expect(await read(id)).toEqual(before);
    },
  );

  it.each(ORDER_STATUSES.filter((status) => status !== 'pending'))(
    'a payment of a %s order → 409 with its state',
    async (status) => {
      const { id } = await app.factory.anOrder(owner.id, { status });
      const reply = await pay(id, card(1));
      expect([...outcome(reply), reply.body.state]).toEqual([409, 'order.transition_not_allowed', status]);
    },
  );

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['/amountCents', '/method']],
    ['0', card(0), ['/amountCents']],
    ['a negative amount', card(-1), ['/amountCents']],
    ['a fraction', card(0.5), ['/amountCents']],
    ['text', { amountCents: '1', method: 'card' }, ['/amountCents']],
    ['more than any order costs', card(100_000_000_000_001), ['/amountCents']],
    ['null', { amountCents: null, method: 'card' }, ['/amountCents']],
    ['an unknown method', { amountCents: 1, method: 'cheque' }, ['/method']],
    ['a null method', { amountCents: 1, method: null }, ['/method']],
    ['a currency', { ...card(1), currency: 'USD' }, ['/currency']],
    ['a reason', { ...card(1), reason: 'x' }, ['/reason']],
    ['a kind', { ...card(1), kind: 'refund' }, ['/kind']],
  ])('%s → 422 with its place', async (_situation, body, pointers) => {
    const { id } = await app.factory.anOrder(owner.id);
    const reply = await pay(id, body);
    expect([...outcome(reply), pointersOf(reply)]).toEqual([422, 'request.invalid', pointers]);
    expect((await read(id)).version).toBe(1);
  });

  it.each([
    ['another customer', async () => app.factory.signedIn()],
    ['an analyst', async () => app.factory.analyst()],
  ])('%s → 404, and nothing is booked', async (_who, who) => {
    const { id } = await app.factory.anOrder(owner.id);
    expect(outcome(await pay(id, card(1), await who()))).toEqual([404, 'order.not_found']);
    expect((await read(id)).paidCents).toBe(0);
  });

  it('an order that is none → 404', async () => {
    expect(outcome(await pay(newId(), card(1), admin))).toEqual([404, 'order.not_found']);
  });

  it('no token → 401', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await app.client.post(`/orders/${id}/payments`, { body: card(1) })).status).toBe(401);
  });
});

describe('a payment that the database cannot book', () => {
  it('its reference is taken → 409, and the order is as it was', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const other = await app.factory.anOrder(owner.id, { status: 'paid' });
    await app.dataSource.query('UPDATE transactions SET reference = $1 WHERE order_id = $2', [`${id}/1`, other.id]);
    const before = await read(id);
    expect(outcome(await pay(id, card(3_000)))).toEqual([409, 'conflict.concurrent_update']);
    expect(await read(id)).toEqual(before);
    expect(app.log.lines().filter((line) => line['message'] === 'money moved' && line['order'] === id)).toEqual([]);
  });
});
