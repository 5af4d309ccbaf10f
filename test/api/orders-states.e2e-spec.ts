import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES, type OrderStatus } from '../../apps/api/src/orders/order.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { ifMatch, ledgerFaults, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let owner: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
});
afterAll(() => app.stop());

type Step = 'cancellation' | 'shipment' | 'delivery';
const take = (
  step: Step,
  id: string,
  as: SignedIn,
  ask: { body?: object | string; headers?: Record<string, string> } = {},
) => app.client.post(`/orders/${id}/${step}`, { as: as.token, ...ask });
const read = (id: string) => app.client.get(`/orders/${id}`, { as: owner.token });
const movements = async (id: string) =>
  (await app.client.get(`/orders/${id}/transactions`, { as: owner.token })).body.data;
const outcome = ({ status, body }: Reply) => [status, body.code];

/** Who may take which step from where, and where it leads; everything else is 409. */
const STEPS: readonly { step: Step; by: 'the owner' | 'an admin'; leads: Partial<Record<OrderStatus, OrderStatus>> }[] =
  [
    { step: 'cancellation', by: 'the owner', leads: { pending: 'cancelled' } },
    { step: 'cancellation', by: 'an admin', leads: { pending: 'cancelled', paid: 'cancelled' } },
    { step: 'shipment', by: 'an admin', leads: { paid: 'shipped' } },
    { step: 'delivery', by: 'an admin', leads: { shipped: 'delivered' } },
  ];

describe.each(STEPS)('POST /orders/{id}/$step by $by', ({ step, by, leads }) => {
  const who = () => (by === 'an admin' ? admin : owner);

  it.each(ORDER_STATUSES.filter((status) => leads[status] !== undefined))(
    '%s → 200 with the order and its ETag',
    async (status) => {
      const { id } = await app.factory.anOrder(owner.id, { status });
      const before = await read(id);
      const reply = await take(step, id, who());
      const refundedCents = leads[status] === 'cancelled' ? before.body.paidCents : 0;
      const { updatedAt } = reply.body;
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        ...before.body,
        status: leads[status],
        refundedCents,
        updatedAt,
        version: before.body.version + 1,
      });
      expect(updatedAt > before.body.updatedAt).toBe(true);
      const after = await read(id);
      expect([after.text, after.headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
      expect(reply.headers['location']).toBeUndefined();
    },
  );

  it.each(ORDER_STATUSES.filter((status) => leads[status] === undefined))(
    '%s → 409 with the state, and nothing changes',
    async (status) => {
      const { id } = await app.factory.anOrder(owner.id, { status });
      const before = await read(id);
      const reply = await take(step, id, who());
      expect([...outcome(reply), reply.body.state]).toEqual([409, 'order.transition_not_allowed', status]);
      expect((await read(id)).text).toBe(before.text);
    },
  );
});

describe('POST /orders/{id}/cancellation', () => {
  it('of a part-paid order → what was paid goes back, with the reason given', async () => {
    const { id } = await app.factory.anOrder(owner.id, { paidCents: 1_000 });
    const reply = await take('cancellation', id, owner, { body: { reason: ' Ordered twice. ' } });
    expect(reply.body).toMatchObject({ status: 'cancelled', paidCents: 1_000, refundedCents: 1_000 });
    const [refund] = await movements(id);
    expect(refund).toMatchObject({
      kind: 'refund',
      amountCents: 1_000,
      currency: 'USD',
      method: null,
      reason: 'Ordered twice.',
    });
    const told = app.log.lines().filter((line) => line['message'] === 'money moved' && line['order'] === id);
    expect(told).toEqual([expect.objectContaining({ kind: 'refund', amount_cents: 1_000, currency: 'USD' })]);
  });

  it('of a part-refunded order by an admin → only the rest goes back', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid', refundedCents: 1_000 });
    expect((await take('cancellation', id, admin)).body.refundedCents).toBe(3_000);
    const rows: { kind: string; amountCents: number }[] = await movements(id);
    expect(rows.map(({ kind, amountCents }) => [kind, amountCents]).toSorted()).toEqual([
      ['payment', 3_000],
      ['refund', 1_000],
      ['refund', 2_000],
    ]);
  });

  it('of an unpaid order → no movement of money', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    await take('cancellation', id, owner, { body: { reason: 'Changed my mind.' } });
    expect(await movements(id)).toEqual([]);
  });

  it.each([
    ['null', null],
    ['500 characters', 'x'.repeat(500)],
  ])('reason %s → 200', async (_length, reason) => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await take('cancellation', id, owner, { body: { reason } })).status).toBe(200);
  });

  it.each<[string, object, string]>([
    ['a blank reason', { reason: ' ' }, '/reason'],
    ['a reason of 501 characters', { reason: 'x'.repeat(501) }, '/reason'],
    ['an amount', { amountCents: 1 }, '/amountCents'],
  ])('%s → 422, and the order stays', async (_situation, body, pointer) => {
    const { id } = await app.factory.anOrder(owner.id);
    const reply = await take('cancellation', id, owner, { body });
    expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
    expect((await read(id)).body.status).toBe('pending');
  });

  it('the books after all of it → balanced', async () => {
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });
});

/** A status from which the step is allowed. */
const FROM: Record<Step, OrderStatus> = { cancellation: 'pending', shipment: 'paid', delivery: 'shipped' };

describe.each<Step>(['cancellation', 'shipment', 'delivery'])('POST /orders/{id}/%s, in general', (step) => {
  const anOrder = async () => (await app.factory.anOrder(owner.id, { status: FROM[step] })).id;

  it('an empty object as body → 200, as without one', async () => {
    expect((await take(step, await anOrder(), admin, { body: {} })).status).toBe(200);
  });

  it.each<[string, object | string, string]>([
    ['an unknown member', { extra: 1 }, '/extra'],
    ['a list', '[]', ''],
    ['null', 'null', ''],
  ])('%s as body → 422, and the order stays', async (_what, body, pointer) => {
    const id = await anOrder();
    const reply = await take(step, id, admin, { body });
    expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
    expect((await read(id)).body.status).toBe(FROM[step]);
  });

  it.each<[string, (current: Record<string, string>) => Record<string, string>, unknown[]]>([
    ['the tag', (current) => current, [200, undefined]],
    ['*', () => ({ 'If-Match': '*' }), [200, undefined]],
    ['a stale tag', () => ({ 'If-Match': '"stale"' }), [412, 'precondition.failed']],
    ['no tag at all', () => ({ 'If-Match': 'stale' }), [400, 'request.malformed']],
  ])('If-Match with %s → obeyed', async (_what, headers, expected) => {
    const id = await anOrder();
    const reply = await take(step, id, admin, { headers: headers(ifMatch(await read(id))) });
    expect(outcome(reply)).toEqual(expected);
    expect((await read(id)).body.status === FROM[step]).toBe(expected[0] !== 200);
  });

  it('a stale tag and a state that does not allow it → 412 before 409', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'refunded' });
    expect((await take(step, id, admin, { headers: { 'If-Match': '"stale"' } })).status).toBe(412);
  });

  it('an admin, an id that nobody has → 404', async () => {
    expect(outcome(await take(step, newId(), admin))).toEqual([404, 'order.not_found']);
  });

  it('another customer → 403 where the role is missing, else 404, and the order stays', async () => {
    const id = await anOrder();
    const reply = await take(step, id, await app.factory.signedIn());
    expect(outcome(reply)).toEqual(step === 'cancellation' ? [404, 'order.not_found'] : [403, 'auth.forbidden']);
    expect((await read(id)).body.status).toBe(FROM[step]);
  });

  it('8 at once → one 200, 7 times 409', async () => {
    const id = await anOrder();
    const replies = await Promise.all(Array.from({ length: 8 }, () => take(step, id, admin)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
  });
});

describe.each<Step>(['shipment', 'delivery'])('POST /orders/{id}/%s by others than admins', (step) => {
  it.each([
    ['the owner', () => owner],
    ['an analyst', () => app.factory.analyst()],
  ])('%s → 403, whether or not the order exists', async (_who, who) => {
    const { id } = await app.factory.anOrder(owner.id, { status: FROM[step] });
    const as = await who();
    for (const order of [id, newId()]) expect(outcome(await take(step, order, as))).toEqual([403, 'auth.forbidden']);
  });
});
