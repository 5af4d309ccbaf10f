import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { pointersOf } from '../support/orders.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

/** Orders of one user by name; `b2` was placed in the same millisecond as `b`, `c` at midnight. */
const PLACED = {
  a: { placedAt: '2026-01-10T08:00:00.000Z', status: 'pending', skus: ['TEA', 'MUG'] },
  b: { placedAt: '2026-01-20T08:00:00.000Z', status: 'paid', skus: ['TEA'] },
  b2: { placedAt: '2026-01-20T08:00:00.000Z', status: 'paid', skus: ['MUG', 'TEA', 'JAR'] },
  c: { placedAt: '2026-02-01T00:00:00.000Z', status: 'shipped', skus: ['JAR'] },
  d: { placedAt: '2026-02-01T00:00:00.001Z', status: 'paid', skus: ['tea'] },
  e: { placedAt: '2026-03-05T23:59:59.999Z', status: 'refunded', skus: ['TEA'] },
} as const;
type Name = keyof typeof PLACED;

let app: TestApp;
let owner: SignedIn;
let other: SignedIn;
let admin: SignedIn;
let strange: string;
const names = new Map<string, Name>();
beforeAll(async () => {
  app = await TestApp.start();
  [owner, other, admin] = [await app.factory.signedIn(), await app.factory.signedIn(), await app.factory.admin()];
  for (const name of ['d', 'b', 'e', 'a', 'b2', 'c'] as const) {
    const { placedAt, status, skus } = PLACED[name];
    names.set((await app.factory.anOrder(owner.id, { placedAt: new Date(placedAt), status, skus })).id, name);
  }
  strange = (await app.factory.anOrder(other.id, { placedAt: new Date('2026-01-15T00:00:00Z'), skus: ['TEA'] })).id;
});
afterAll(() => app.stop());

const list = (query: string, as = owner) => app.client.get(`/orders${query}`, { as: as.token });
const ids = ({ body }: Reply): string[] => body.data.map(({ id }: { id: string }) => id);
const named = (reply: Reply) => ids(reply).map((id) => names.get(id) ?? id);
const outcome = ({ status, body }: Reply) => [status, body.code];

describe('GET /orders shows', () => {
  it('a customer → his own orders, newest first', async () => {
    const shown = named(await list(''));
    expect(shown.filter((name) => name !== 'b' && name !== 'b2')).toEqual(['e', 'd', 'c', 'a']);
    expect(shown.slice(3, 5).toSorted()).toEqual(['b', 'b2']);
    expect(ids(await list('', other))).toEqual([strange]);
  });

  it('an admin → the orders of everyone', async () => {
    expect(ids(await list('', admin)).toSorted()).toEqual([...names.keys(), strange].toSorted());
  });

  it('an analyst → his own, that is none', async () => {
    expect(ids(await list('', await app.factory.analyst()))).toEqual([]);
  });

  it.each([
    ['oneself', () => list(`?userId=${owner.id}`)],
    ['oneself in upper case', () => list(`?userId=${owner.id.toUpperCase()}`)],
    ['somebody, as an admin', () => list(`?userId=${owner.id}`, admin)],
    ['somebody in upper case, as an admin', () => list(`?userId=${owner.id.toUpperCase()}`, admin)],
  ])('userId of %s → the orders of that user', async (_whose, ask) => {
    expect(ids(await ask()).toSorted()).toEqual([...names.keys()].toSorted());
  });

  it.each([
    ['somebody else', () => other.id],
    ['nobody', () => newId()],
  ])('userId of %s → 403', async (_whose, id) => {
    expect(outcome(await list(`?userId=${id()}`))).toEqual([403, 'auth.forbidden']);
  });

  it('userId of nobody, as an admin → an empty list', async () => {
    expect(ids(await list(`?userId=${newId()}`, admin))).toEqual([]);
  });
});

describe('GET /orders filters', () => {
  it.each<[query: string, expected: Name[]]>([
    ['status=pending', ['a']],
    ['status=paid', ['b', 'b2', 'd']],
    ['status=cancelled', []],
    ['sku=TEA', ['a', 'b', 'b2', 'e']],
    ['sku=tea', ['d']],
    ['sku=TE', []],
    ['placedAfter=2026-02-01', ['c', 'd', 'e']],
    ['placedAfter=2026-02-01T00:00:00.001Z', ['d', 'e']],
    ['placedBefore=2026-02-01', ['a', 'b', 'b2']],
    ['placedBefore=2026-02-01T01:00:00%2B01:00', ['a', 'b', 'b2']],
    ['placedAfter=2026-01-20&placedBefore=2026-02-01T00:00:00.001Z', ['b', 'b2', 'c']],
    ['placedAfter=2026-02-01&placedBefore=2026-02-01', []],
    ['placedAfter=2026-03-01&placedBefore=2026-02-01', []],
    ['status=paid&sku=TEA', ['b', 'b2']],
    ['status=paid&placedAfter=2026-02-01', ['d']],
    ['sku=JAR&placedBefore=2026-02-01', ['b2']],
    ['status=paid&sku=TEA&placedAfter=2026-01-20&placedBefore=2026-01-21', ['b', 'b2']],
  ])('%s → those that match all of it', async (query, expected) => {
    expect(named(await list(`?${query}`)).toSorted()).toEqual(expected);
    expect(named(await list(`?${query}&userId=${owner.id}`, admin)).toSorted()).toEqual(expected);
  });

  it('an order found by one sku → all of its items, in their order', async () => {
    const [order] = (await list('?sku=TEA&status=paid&limit=100')).body.data.filter(
      ({ id }: { id: string }) => names.get(id) === 'b2',
    );
    expect(order.items.map(({ sku }: { sku: string }) => sku)).toEqual(['MUG', 'TEA', 'JAR']);
    const read = await app.client.get(`/orders/${order.id}`, { as: owner.token });
    expect(order).toEqual(read.body);
  });

  it.each([
    ['status=paid&status=pending', 'query:status'],
    ['status=Paid', 'query:status'],
    ['status=', 'query:status'],
    ['placedAfter=yesterday', 'query:placedAfter'],
    ['placedBefore=2026-02-30', 'query:placedBefore'],
    ['sku=a%20b', 'query:sku'],
    ['sku=', 'query:sku'],
    ['userId=7', 'query:userId'],
    ['currency=USD', 'query:currency'],
  ])('%s → 422 with the parameter', async (query, pointer) => {
    const reply = await list(`?${query}`, admin);
    expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
  });
});

describe('GET /orders pages', () => {
  async function walk(query: string, as: SignedIn): Promise<string[]> {
    const walked: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const reply: Reply = await list(`?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`, as);
      expect(reply.status).toBe(200);
      walked.push(...ids(reply));
      cursor = reply.body.page.nextCursor;
      expect(reply.body.page.hasMore).toBe(cursor !== null);
    }
    return walked;
  }

  it.each([
    ['', () => owner],
    ['', () => admin],
    ['sku=TEA&', () => owner],
    ['sku=TEA&status=paid&', () => admin],
    ['placedAfter=2026-01-20&placedBefore=2026-03-01&', () => owner],
    ['sku=TEA&placedAfter=2026-01-11&placedBefore=2027-01-01&status=paid&', () => owner],
  ])('a walk over "%s" → every order once, in the order of one long page', async (query, who) => {
    const whole = ids(await list(`?${query}limit=100`, who()));
    expect(whole.length).toBeGreaterThan(1);
    for (const limit of [1, 2, 3, whole.length]) expect(await walk(`${query}limit=${limit}`, who())).toEqual(whole);
  });

  it('an order placed during the walk → neither shown nor in the way', async () => {
    const user = await app.factory.signedIn();
    for (const day of [1, 2, 3]) await app.factory.anOrder(user.id, { placedAt: new Date(Date.UTC(2026, 0, day)) });
    const first = await list('?limit=2', user);
    await app.factory.anOrder(user.id);
    const second = await list(`?limit=2&cursor=${first.body.page.nextCursor}`, user);
    expect(second.body.data.map(({ placedAt }: { placedAt: string }) => placedAt)).toEqual([
      '2026-01-01T00:00:00.000Z',
    ]);
  });

  it('return=total-count → the total of what the filters match, on every page', async () => {
    const headers = { Prefer: 'return=total-count' };
    const first = await app.client.get('/orders?sku=TEA&limit=1', { as: owner.token, headers });
    const query = `/orders?sku=TEA&limit=2&cursor=${first.body.page.nextCursor}`;
    const second = await app.client.get(query, { as: owner.token, headers });
    expect([first.body.page.total, second.body.page.total]).toEqual([4, 4]);
    expect(second.headers['preference-applied']).toBe('return=total-count');
  });

  it('1, 20 and 100 orders with items → the same number of queries', async () => {
    const user = await app.factory.signedIn();
    for (let n = 0; n < 100; n += 1) await app.factory.anOrder(user.id, { skus: ['A', 'B', 'C'] });
    const replies = [await list('?limit=1', user), await list('?limit=20', user), await list('?limit=100', user)];
    expect(replies.map(({ body }) => body.data.length)).toEqual([1, 20, 100]);
    expect(new Set(replies.map(queriesOf))).toEqual(new Set([2]));
  });
});

describe('GET /users/{id}/orders', () => {
  const of = (id: string, as: SignedIn, query = '') => app.client.get(`/users/${id}/orders${query}`, { as: as.token });

  it('the user and an admin → his orders, filtered as in /orders', async () => {
    for (const who of [owner, admin])
      expect(named(await of(owner.id, who, '?status=paid&sku=TEA')).toSorted()).toEqual(['b', 'b2']);
    expect(ids(await of(owner.id.toUpperCase(), owner)).length).toBe(6);
  });

  it.each([
    ['another customer', () => of(owner.id, other)],
    ['an analyst', async () => of(owner.id, await app.factory.analyst())],
    ['an admin, for nobody', () => of(newId(), admin)],
  ])('%s → 404', async (_who, ask) => {
    expect(outcome(await ask())).toEqual([404, 'user.not_found']);
  });

  it('a deleted user → his orders stay, for an admin', async () => {
    const gone = await app.factory.signedIn({ deletedAt: new Date() });
    const order = await app.factory.anOrder(gone.id);
    expect(ids(await of(gone.id, admin))).toEqual([order.id]);
  });

  it('userId → 422: the path has said it', async () => {
    expect(pointersOf(await of(owner.id, owner, `?userId=${owner.id}`))).toEqual(['query:userId']);
  });
});
