import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES } from '../../apps/api/src/orders/order.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { ledgerFaults, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const REFUNDABLE = ['paid', 'shipped', 'delivered'] as const;

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
const refund = (id: string, body: object, as = admin) =>
  app.client.post(`/orders/${id}/refunds`, { as: as.token, body });
const broken = (amountCents: number) => ({ amountCents, reason: 'Arrived broken.' });
const outcome = ({ status, body }: Reply) => [status, body.code];

describe('POST /orders/{id}/refunds', () => {
  it.each(REFUNDABLE)('parts of a %s order → add up, its state stays until all is back', async (status) => {
    const { id } = await app.factory.anOrder(owner.id, { status });
    const steps: unknown[] = [];
    for (const amount of [1, 1_999, 1_000]) {
      expect((await refund(id, broken(amount))).status).toBe(201);
      const order = await read(id);
      steps.push([order.status, order.paidCents, order.refundedCents, order.version]);
    }
    expect(steps).toEqual([
      [status, 3_000, 1, 2],
      [status, 3_000, 2_000, 3],
      ['refunded', 3_000, 3_000, 4],
    ]);
  });

  it('all at once → 201 with Location and ETag, the order is refunded', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'delivered', currency: 'GBP' });
    const reply = await refund(id, { amountCents: 3_000, reason: ' Arrived broken. ' });
    const { id: transactionId, createdAt } = reply.body;
    expect(reply.body).toEqual({
      id: transactionId,
      orderId: id,
      kind: 'refund',
      amountCents: 3_000,
      currency: 'GBP',
      method: null,
      reason: 'Arrived broken.',
      createdAt,
    });
    expect([reply.status, reply.headers['location']]).toEqual([
      201,
      `/api/v1/orders/${id}/transactions/${transactionId}`,
    ]);
    const { text, headers } = await app.client.get(`/orders/${id}/transactions/${transactionId}`, { as: owner.token });
    expect([text, headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
    expect((await read(id)).status).toBe('refunded');
  });

  it('a part-refunded order → can still be shipped and delivered', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
    await refund(id, broken(1));
    for (const step of ['shipment', 'delivery']) await app.client.post(`/orders/${id}/${step}`, { as: admin.token });
    expect(await read(id)).toMatchObject({ status: 'delivered', refundedCents: 1 });
  });
});

describe('POST /orders/{id}/refunds refuses', () => {
  it.each([
    [0, 3_001, '3000 can be refunded.'],
    [2_999, 2, '1 can be refunded.'],
  ])('after %i of 3000, another %i → 422 that says what is left', async (refundedCents, amountCents, detail) => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid', refundedCents });
    const before = await read(id);
    const reply = await refund(id, broken(amountCents));
    expect([...outcome(reply), reply.body.detail, pointersOf(reply)]).toEqual([
      422,
      'refund.exceeds_paid',
      detail,
      ['/amountCents'],
    ]);
    expect(await read(id)).toEqual(before);
  });

  it.each(ORDER_STATUSES.filter((status) => !REFUNDABLE.some((known) => known === status)))(
    'a refund of a %s order → 409',
    async (status) => {
      const { id } = await app.factory.anOrder(owner.id, { status });
      const reply = await refund(id, broken(1));
      expect([...outcome(reply), reply.body.state]).toEqual([409, 'order.transition_not_allowed', status]);
    },
  );

  it('a refund of a part-paid order → 409: it is cancelled, not refunded', async () => {
    const { id } = await app.factory.anOrder(owner.id, { paidCents: 1_000 });
    expect(outcome(await refund(id, broken(1)))).toEqual([409, 'order.transition_not_allowed']);
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['/amountCents', '/reason']],
    ['0', broken(0), ['/amountCents']],
    ['a negative amount', broken(-1), ['/amountCents']],
    ['a fraction', broken(1.5), ['/amountCents']],
    ['a null reason', { amountCents: 1, reason: null }, ['/reason']],
    ['a blank reason', { amountCents: 1, reason: ' ' }, ['/reason']],
    ['a reason of 501 characters', { amountCents: 1, reason: 'x'.repeat(501) }, ['/reason']],
    ['a method', { ...broken(1), method: 'card' }, ['/method']],
  ])('%s → 422 with its place', async (_situation, body, pointers) => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
    const reply = await refund(id, body);
    expect([...outcome(reply), pointersOf(reply)]).toEqual([422, 'request.invalid', pointers]);
  });

  it.each([
    ['the owner', async () => owner],
    ['another customer', async () => app.factory.signedIn()],
    ['an analyst', async () => app.factory.analyst()],
  ])('%s → 403, whether or not the order exists, and nothing is booked', async (_who, who) => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
    const as = await who();
    for (const order of [id, newId()])
      expect(outcome(await refund(order, broken(1), as))).toEqual([403, 'auth.forbidden']);
    expect((await read(id)).refundedCents).toBe(0);
  });

  it('an order that is none → 404', async () => {
    expect(outcome(await refund(newId(), broken(1)))).toEqual([404, 'order.not_found']);
  });
});
