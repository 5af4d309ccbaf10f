import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
let paths: Record<string, string>;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  admin = await app.factory.admin();
  const order = await app.factory.anOrder(admin.id, { status: 'paid' });
  const [booked] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM transactions');
  paths = {
    'the user': `/users/${admin.id}`,
    oneself: '/users/me',
    users: '/users?include=orders',
    order: `/orders/${order.id}`,
    orders: '/orders',
    "the user's orders": `/users/${admin.id}/orders`,
    transactions: `/orders/${order.id}/transactions`,
    transaction: `/orders/${order.id}/transactions/${booked?.id}`,
    sessions: '/auth/sessions',
    greeting: '/protected',
    problems: '//problems',
    problem: '//problems/order.not_found',
  };
});
afterAll(() => app.stop());

const get = (path: string, headers: Record<string, string> = {}) => app.client.get(path, { as: admin.token, headers });
const READS = [
  'the user',
  'oneself',
  'users',
  'order',
  'orders',
  "the user's orders",
  'transactions',
  'transaction',
  'sessions',
  'greeting',
  'problems',
  'problem',
];

describe.each(READS)('a conditional read: %s', (name) => {
  let path: string;
  let first: Reply;
  let etag: string;
  beforeEach(async () => {
    path = paths[name] ?? '';
    first = await get(path);
    etag = first.headers['etag'] ?? '';
  });

  it('read → a strong ETag, and what caches need to know', () => {
    const isList = Array.isArray(first.body.data) && first.body.page !== undefined;
    expect(first.status).toBe(200);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    expect(first.headers['vary']).toBe(isList ? 'Authorization, Accept, Prefer' : 'Authorization, Accept');
  });

  it.each([
    ['the tag', (tag: string) => tag],
    ['a list with it', (tag: string) => `"other", ${tag}, W/"third"`],
    ['its weak form', (tag: string) => `W/${tag}`],
    ['the wildcard', () => '*'],
  ])('If-None-Match with %s → 304 without a body, with the headers of the read', async (_situation, header) => {
    const reply = await get(path, { 'If-None-Match': header(etag) });
    expect([reply.status, reply.text]).toEqual([304, '']);
    expect([reply.headers['content-type'], reply.headers['content-length']]).toEqual([undefined, undefined]);
    for (const kept of ['etag', 'cache-control', 'vary', 'link']) expect(reply.headers[kept]).toBe(first.headers[kept]);
  });

  it.each([
    ['another tag', () => '"other"'],
    ['the tag without its quotes', (tag: string) => tag.slice(1, -1)],
    ['a quote that stays open', (tag: string) => tag.slice(0, -1)],
    ['the wildcard among tags, which is no list', (tag: string) => `*, ${tag}`],
    ['the tag in a list that breaks off', (tag: string) => `${tag}, "other`],
    ['nonsense', () => ';;,,"'],
  ])('If-None-Match with %s → read', async (_situation, header) => {
    const reply = await get(path, { 'If-None-Match': header(etag) });
    expect([reply.status, reply.text]).toEqual([200, first.text]);
  });

  it('the tag, and no-cache in the request → 304 all the same', async () => {
    const reply = await get(path, { 'If-None-Match': etag, 'Cache-Control': 'no-cache' });
    expect([reply.status, reply.text]).toEqual([304, '']);
  });

  it('If-Modified-Since → does not matter, and there is no Last-Modified', async () => {
    const since = { 'If-Modified-Since': new Date(Date.now() + 86_400_000).toUTCString() };
    const replies = [await get(path, since), await get(path, { ...since, 'If-None-Match': '"other"' })];
    expect(replies.map(({ status, headers }) => [status, headers['last-modified']])).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect(
      (await get(path, { 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT', 'If-None-Match': etag })).status,
    ).toBe(304);
  });

  it('HEAD with another tag → 200 with the ETag and no body', async () => {
    const reply = await app.client.head(path, { as: admin.token, headers: { 'If-None-Match': '"other"' } });
    expect([reply.status, reply.text, reply.headers['etag']]).toEqual([200, '', etag]);
  });

  it('HEAD with the tag → 304', async () => {
    const reply = await app.client.head(path, { as: admin.token, headers: { 'If-None-Match': etag } });
    expect([reply.status, reply.headers['etag']]).toEqual([304, etag]);
  });
});

describe('an ETag', () => {
  it('a change → another one, and the one of before is no 304 any more', async () => {
    const { id, token } = await app.factory.signedIn();
    const before = await app.client.get(`/users/${id}`, { as: token });
    const etag = before.headers['etag'] ?? '';
    const changed = await app.client.patch(`/users/${id}`, {
      as: token,
      body: { name: 'New' },
      headers: { 'If-Match': etag },
    });
    const after = await app.client.get(`/users/${id}`, { as: token, headers: { 'If-None-Match': etag } });
    expect([changed.status, after.status, after.body.name]).toEqual([200, 200, 'New']);
    expect(after.headers['etag']).toBe(changed.headers['etag']);
    expect(after.headers['etag']).not.toBe(etag);
  });

  it('a page → changes with its rows, its limit and its total', async () => {
    const { id, token } = await app.factory.signedIn();
    const read = async (query: string, headers = {}): Promise<string> =>
      (await app.client.get(`/users/${id}/orders${query}`, { as: token, headers })).headers['etag'] ?? '';
    const etags = [await read(''), await read('?limit=1'), await read('', { Prefer: 'return=total-count' })];
    await app.factory.anOrder(id);
    etags.push(await read(''));
    expect(new Set(etags).size).toBe(4);
  });

  it('JSON and HTML of the same page → different ones', async () => {
    const [json, html] = await Promise.all([get('//problems'), get('//problems', { Accept: 'text/html' })]);
    expect(json.headers['etag']).not.toBe(html.headers['etag']);
  });

  it('nothing that could be named: an error, health, a token → none, and no 304 for *', async () => {
    const any = { 'If-None-Match': '*' };
    const replies = [
      await get('/users/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', any),
      await get('/users?limit=0', any),
      await get('//health/live', any),
      await get('//health/ready', any),
      await app.client.post('/auth/revoke', { body: { token: 'unknown-token' }, headers: any }),
    ];
    expect(replies.map(({ status, headers }) => [status, headers['etag']])).toEqual([
      [404, undefined],
      [422, undefined],
      [200, undefined],
      [200, undefined],
      [200, undefined],
    ]);
  });

  it('an error, health and tokens → may not be kept', async () => {
    const body = { grant_type: 'refresh_token', refresh_token: 'unknown-token' };
    const replies = [await get('/nowhere'), await get('//health/live'), await app.client.post('/auth/token', { body })];
    expect(replies.map(({ headers }) => headers['cache-control'])).toEqual(Array(3).fill('no-store'));
  });
});
