import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES } from '../../apps/api/src/orders/order.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { anItem, ifMatch, ledgerFaults, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let owner: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [owner, admin] = [await app.factory.signedIn(), await app.factory.admin()];
});
afterAll(() => app.stop());

const read = (id: string, as = owner) => app.client.get(`/orders/${id}`, { as: as.token });
const patch = (id: string, body: object | string, headers: Record<string, string> = { 'If-Match': '*' }, as = owner) =>
  app.client.patch(`/orders/${id}`, { as: as.token, body, headers });
const outcome = ({ status, body }: Reply) => [status, body.code];
const skus = ({ body }: Reply) => body.items.map(({ sku }: { sku: string }) => sku);

describe('GET /orders/{id}', () => {
  it('the owner and an admin → the same order', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const [own, foreign] = [await read(id), await read(id.toUpperCase(), admin)];
    expect([own.status, own.text]).toEqual([200, foreign.text]);
  });

  it.each([
    ['another customer', async (id: string) => read(id, await app.factory.signedIn())],
    ['an analyst', async (id: string) => read(id, await app.factory.analyst())],
    ['an admin, an id that nobody has', async () => read(newId(), admin)],
  ])('%s → 404', async (_who, ask) => {
    const { id } = await app.factory.anOrder(owner.id);
    expect(outcome(await ask(id))).toEqual([404, 'order.not_found']);
  });

  it("another one's order and no order → the same answer but for path and request id", async () => {
    const stranger = await app.factory.signedIn();
    const { id } = await app.factory.anOrder(owner.id);
    const [hidden, missing] = [await read(id, stranger), await read(newId(), stranger)];
    const told = ({ body: { instance: _path, requestId: _id, ...rest } }: Reply): unknown => rest;
    expect(told(hidden)).toEqual(told(missing));
  });

  it('an id that is none → 422', async () => {
    expect(pointersOf(await read('7'))).toEqual(['path:id']);
  });
});

describe('PATCH /orders/{id}, note', () => {
  it.each(ORDER_STATUSES)('of a %s order → changed, with a new version and ETag', async (status) => {
    const { id } = await app.factory.anOrder(owner.id, { status });
    const before = await read(id);
    const reply = await patch(id, { note: ' Ring twice. ' }, ifMatch(before));
    expect(reply.status).toBe(200);
    const { updatedAt } = reply.body;
    expect(reply.body).toEqual({ ...before.body, note: 'Ring twice.', version: before.body.version + 1, updatedAt });
    expect(updatedAt > before.body.updatedAt).toBe(true);
    const after = await read(id);
    expect([after.text, after.headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
  });

  it('null → removed', async () => {
    const { id } = await app.factory.anOrder(owner.id, { note: 'Ring twice.' });
    expect((await patch(id, { note: null })).body.note).toBeNull();
  });

  it('no member at all → nothing changes, not even the version', async () => {
    const { id } = await app.factory.anOrder(owner.id, { note: 'Ring twice.' });
    const before = await read(id);
    const reply = await patch(id, {}, ifMatch(before));
    expect([reply.status, reply.text]).toEqual([200, before.text]);
  });

  it('as a merge patch, by an admin → changed', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const headers = { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' };
    expect((await patch(id, { note: 'By an admin.' }, headers, admin)).body.note).toBe('By an admin.');
  });
});

describe('PATCH /orders/{id}, items', () => {
  let id: string;
  let before: Reply;
  beforeEach(async () => {
    ({ id } = await app.factory.anOrder(owner.id, { skus: ['A', 'B', 'C'] }));
    before = await read(id);
  });

  it('some kept, one gone, one new → kept skus keep their ids, all have the new order, the total follows', async () => {
    const items = [anItem({ sku: 'D' }), anItem({ sku: 'C', quantity: 3 }), anItem({ sku: 'A', unitPriceCents: 0 })];
    const reply = await patch(id, { items }, ifMatch(before));
    const [a, , c] = before.body.items;
    expect(reply.body).toMatchObject({
      totalCents: 1_580 + 2_370,
      version: before.body.version + 1,
      items: [
        { sku: 'D', lineCents: 1_580 },
        { id: c.id, sku: 'C', name: 'Green tea, 100 g', quantity: 3, unitPriceCents: 790, lineCents: 2_370 },
        { id: a.id, sku: 'A', quantity: 2, unitPriceCents: 0, lineCents: 0 },
      ],
    });
    expect((await read(id)).text).toBe(reply.text);
    const rows = await app.dataSource.query('SELECT sku FROM order_items WHERE order_id = $1 ORDER BY position', [id]);
    expect(rows).toEqual([{ sku: 'D' }, { sku: 'C' }, { sku: 'A' }]);
  });

  it('only a name changes → version and updatedAt grow all the same', async () => {
    const items = before.body.items.map(({ id: _id, lineCents: _line, ...item }: Record<string, unknown>) => ({
      ...item,
      name: 'Other',
    }));
    const reply = await patch(id, { items }, ifMatch(before));
    expect(reply.body.totalCents).toBe(before.body.totalCents);
    expect(reply.body.version).toBe(before.body.version + 1);
    expect(reply.body.updatedAt > before.body.updatedAt).toBe(true);
    expect((await read(id)).text).toBe(reply.text);
  });

  it('100 others → 100 rows and no rest of the old ones', async () => {
    const reply = await patch(id, { items: Array.from({ length: 100 }, (_, n) => anItem({ sku: `N${n}` })) });
    expect([reply.status, reply.body.totalCents]).toEqual([200, 158_000]);
    expect(skus(await read(id))).toEqual(Array.from({ length: 100 }, (_, n) => `N${n}`));
  });

  it('with a note → both at once', async () => {
    const reply = await patch(id, { note: 'x', items: [anItem({ sku: 'B' })] });
    expect([reply.body.note, skus(reply), reply.body.version]).toEqual(['x', ['B'], before.body.version + 1]);
  });

  it.each<[string, object, string]>([
    ['null items', { items: null }, '/items'],
    ['no items', { items: [] }, '/items'],
    ['a sku twice', { items: [anItem(), anItem()] }, '/items'],
    ['free things only', { items: [anItem({ unitPriceCents: 0 })] }, '/items'],
    ['a quantity of 0', { items: [anItem({ quantity: 0 })] }, '/items/0/quantity'],
    ['a blank note', { note: ' ' }, '/note'],
    ['a currency', { currency: 'EUR' }, '/currency'],
    ['a status', { status: 'paid' }, '/status'],
    ['a total', { totalCents: 1 }, '/totalCents'],
  ])('%s → 422, and nothing changes', async (_situation, body, pointer) => {
    const reply = await patch(id, body);
    expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
    expect((await read(id)).text).toBe(before.text);
  });

  it.each(ORDER_STATUSES.filter((status) => status !== 'pending'))(
    'of a %s order → 409 with its state',
    async (status) => {
      const order = await app.factory.anOrder(owner.id, { status });
      const reply = await patch(order.id, { note: 'not even this', items: [anItem()] });
      expect([...outcome(reply), reply.body.state]).toEqual([409, 'order.not_editable', status]);
      expect((await read(order.id)).body.note).toBeNull();
    },
  );

  it('of a part-paid order → 409 with its state', async () => {
    const order = await app.factory.anOrder(owner.id, { paidCents: 1 });
    const reply = await patch(order.id, { items: [anItem()] });
    expect([...outcome(reply), reply.body.state]).toEqual([409, 'order.not_editable', 'pending']);
  });
});

describe('PATCH /orders/{id}, precondition', () => {
  it.each<[string, (etag: string) => Record<string, string>, unknown[]]>([
    ['none', () => ({}), [428, 'precondition.required']],
    ['another tag', () => ({ 'If-Match': '"other"' }), [412, 'precondition.failed']],
    ['the tag, weak', (etag) => ({ 'If-Match': `W/${etag}` }), [412, 'precondition.failed']],
    ['no tag at all', () => ({ 'If-Match': 'other' }), [400, 'request.malformed']],
    ['the tag', (etag) => ({ 'If-Match': etag }), [200, undefined]],
    ['the tag among others', (etag) => ({ 'If-Match': `"a", ${etag}` }), [200, undefined]],
    ['*', () => ({ 'If-Match': '*' }), [200, undefined]],
  ])('%s → as RFC 9110 has it', async (_situation, headers, expected) => {
    const { id } = await app.factory.anOrder(owner.id);
    const { 'If-Match': etag = '' } = ifMatch(await read(id));
    expect(outcome(await patch(id, { note: 'x' }, headers(etag)))).toEqual(expected);
    expect((await read(id)).body.note).toBe(expected[0] === 200 ? 'x' : null);
  });

  it('a tag from before a payment → 412: a payment is a change', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const before = await read(id);
    await app.client.post(`/orders/${id}/payments`, { as: owner.token, body: { amountCents: 1, method: 'card' } });
    expect(outcome(await patch(id, { note: 'x' }, ifMatch(before)))).toEqual([412, 'precondition.failed']);
  });

  it.each<[what: string, status: number, body: object, headers: Record<string, string>]>([
    ['an order of somebody else and no If-Match', 404, { note: 'x' }, {}],
    [
      'an order of somebody else and items for nothing',
      422,
      { items: [anItem({ unitPriceCents: 0 })] },
      { 'If-Match': '*' },
    ],
  ])('%s → %i: input, then existence, then precondition', async (_what, status, body, headers) => {
    const { id } = await app.factory.anOrder(owner.id);
    expect((await patch(id, body, headers, await app.factory.signedIn())).status).toBe(status);
  });

  it('a stale tag and items that are settled → 412 before 409', async () => {
    const { id } = await app.factory.anOrder(owner.id, { status: 'paid' });
    expect((await patch(id, { items: [anItem()] }, { 'If-Match': '"stale"' })).status).toBe(412);
  });

  it('20 changes at once on one tag → one wins, 19 get 412, and the winner stands', async () => {
    const { id } = await app.factory.anOrder(owner.id);
    const before = await read(id);
    const bodies = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? { note: `n${n}` } : { note: `n${n}`, items: [anItem({ sku: `S${n}` })] },
    );
    const replies = await Promise.all(bodies.map((body) => patch(id, body, ifMatch(before))));
    const won = replies.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(replies.filter(({ body }) => body.code === 'precondition.failed')).toHaveLength(19);
    expect((await read(id)).text).toBe(won[0]?.text);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });
});
