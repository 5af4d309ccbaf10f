import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { linkOf, type LongList, longLists, pagesOf } from '../support/long-lists.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
let lists: Map<string, LongList>;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
  lists = await longLists(app, admin, await app.factory.signedIn());
});
afterAll(() => app.stop());

function listOf(name: string): LongList {
  const list = lists.get(name);
  if (!list) throw new Error(`no list of ${name}`);
  return list;
}

const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;

describe.each(['users', 'orders', "a user's orders", 'transactions', 'sessions'])('the list of %s', (name) => {
  it.each([7, 50, 100])('in pages of %s → every row once, in order', async (limit) => {
    const pages = await pagesOf(app, listOf(name), limit);
    expect(pages.flatMap(({ body }) => body.data.map(({ id }: { id: string }) => id))).toEqual(listOf(name).ids);
    expect(pages.slice(0, -1).map(({ body }) => body.data.length)).toEqual(Array(pages.length - 1).fill(limit));
  });

  it('each page but the last → says that there is more, and links to it', async () => {
    const pages = await pagesOf(app, listOf(name), 100);
    expect(pages.map(({ body }) => [body.page.hasMore, body.page.nextCursor !== null])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
    const linked = pages.map((page) => new URLSearchParams(linkOf(page, 'next')?.split('?')[1]).get('cursor'));
    expect(linked).toEqual(pages.map(({ body }) => body.page.nextCursor));
  });

  it('the link to the first page → is the same on every page, and leads there', async () => {
    const pages = await pagesOf(app, listOf(name), 100);
    const [first = ''] = new Set(pages.map((page) => linkOf(page, 'first')));
    expect(pages.map((page) => linkOf(page, 'first'))).toEqual(pages.map(() => first));
    expect((await app.client.get(first, { as: listOf(name).as })).text).toBe(pages[0]?.text);
  });

  it('another limit half way → goes on where the page before ended', async () => {
    const { path, as, ids } = listOf(name);
    const start = await app.client.get(withQuery(path, 'limit=10'), { as });
    const rest = await app.client.get(withQuery(path, `limit=3&cursor=${start.body.page.nextCursor}`), { as });
    expect(rest.body.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(10, 13));
  });

  it('no total asked for → none', async () => {
    const { path, as } = listOf(name);
    for (const headers of [{}, { Prefer: 'return=minimal' }, { Prefer: 'total-count' }]) {
      const reply = await app.client.get(path, { as, headers });
      expect(reply.body.page).toEqual({ limit: 20, nextCursor: expect.any(String), hasMore: true });
      expect(reply.headers['preference-applied']).toBeUndefined();
    }
  });

  it('Prefer: return=total-count → the total of all pages, on any page', async () => {
    const { path, as, ids } = listOf(name);
    const headers = { Prefer: 'wait=1, return=total-count' };
    const first = await app.client.get(withQuery(path, 'limit=100'), { as, headers });
    const second = await app.client.get(linkOf(first, 'next') ?? '', { as, headers });
    for (const reply of [first, second]) {
      expect([reply.body.page.total, reply.headers['preference-applied']]).toEqual([ids.length, 'return=total-count']);
    }
  });

  it.each([
    ['empty', ''],
    ['a word', 'nonsense'],
    ['too long for any', 'A'.repeat(500)],
    ['blank', '%20'],
    ['NUL', '%00'],
  ])('a cursor that is %s → 422 cursor.invalid', async (_situation, cursor) => {
    const { path, as } = listOf(name);
    const reply = await app.client.get(withQuery(path, `cursor=${cursor}`), { as });
    const error = { in: 'query', parameter: 'cursor', code: 'cursor', detail: expect.any(String) };
    expect([reply.status, reply.body.code, reply.body.errors]).toEqual([422, 'cursor.invalid', [error]]);
  });

  it('a cursor with one letter changed → 422', async () => {
    const { path, as } = listOf(name);
    const { nextCursor } = (await app.client.get(path, { as })).body.page;
    for (const place of [0, 10, 20, 40, nextCursor.length - 1]) {
      const letter = nextCursor[place] === 'A' ? 'B' : 'A';
      const changed = `${nextCursor.slice(0, place)}${letter}${nextCursor.slice(place + 1)}`;
      const reply = await app.client.get(withQuery(path, `cursor=${changed}`), { as });
      expect([place, reply.status, reply.body.code]).toEqual([place, 422, 'cursor.invalid']);
    }
  });
});

describe('a cursor of somewhere else → 422 cursor.invalid', () => {
  const cursorOf = async (path: string, as: string): Promise<string> =>
    (await app.client.get(path, { as })).body.page.nextCursor;

  it.each([
    ['another filter', '/users?name=Walker', '/users?name=Walk'],
    ['a filter more', '/users?name=Walker', '/users?name=Walker&role=customer'],
    ['a filter less', '/users?name=Walker', '/users?'],
    ['another moment', '/users?createdAfter=2026-01-01', '/users?createdAfter=2026-01-02'],
    ['another list', '/users?', '/orders?'],
  ])('%s', async (_situation, from, to) => {
    const reply = await app.client.get(withQuery(to, `cursor=${await cursorOf(from, admin.token)}`), {
      as: admin.token,
    });
    expect([reply.status, reply.body.code]).toEqual([422, 'cursor.invalid']);
  });

  it('another caller', async () => {
    const other = await app.factory.admin();
    const reply = await app.client.get(`/users?cursor=${await cursorOf('/users', admin.token)}`, { as: other.token });
    expect([reply.status, reply.body.code]).toEqual([422, 'cursor.invalid']);
  });

  it("the orders of another user, and one's own orders by the other route", async () => {
    const { path, as } = listOf("a user's orders");
    const cursor = await cursorOf(path, as);
    const other = await app.factory.aUser();
    const replies = await Promise.all(
      [`/users/${other.id}/orders`, '/orders'].map((route) => app.client.get(`${route}?cursor=${cursor}`, { as })),
    );
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([422, 'cursor.invalid']));
  });

  it('the transactions of another order', async () => {
    const { path, as } = listOf('transactions');
    const [, other] = listOf('orders').ids.filter((id) => !path.includes(id));
    const reply = await app.client.get(`/orders/${other}/transactions?cursor=${await cursorOf(path, as)}`, { as });
    expect([reply.status, reply.body.code]).toEqual([422, 'cursor.invalid']);
  });

  it('the same moment, written otherwise → the cursor holds', async () => {
    const cursor = await cursorOf('/users?createdAfter=2026-01-01', admin.token);
    const reply = await app.client.get(`/users?createdAfter=2026-01-01T01:00:00%2B01:00&cursor=${cursor}`, {
      as: admin.token,
    });
    expect(reply.status).toBe(200);
  });
});

describe('a list that changes while it is read', () => {
  it('newer rows between two pages → no row of the rest is missed or seen twice', async () => {
    const { token, id } = await app.factory.signedIn();
    const placed: string[] = [];
    for (let n = 0; n < 4; n += 1) placed.unshift((await app.factory.anOrder(id, { placedAt: new Date(n) })).id);
    const first = await app.client.get('/orders?limit=2', { as: token });
    await app.factory.anOrder(id, { placedAt: new Date(10) });
    const second = await app.client.get(linkOf(first, 'next') ?? '', { as: token });
    expect([first, second].flatMap(({ body }) => body.data.map((order: { id: string }) => order.id))).toEqual(placed);
  });
});
