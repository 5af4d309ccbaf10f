import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { queriesOf } from '../support/queries.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIMING = /^db;dur=\d+\.\d;desc="\d+ quer(y|ies)", app;dur=\d+\.\d$/;

let app: TestApp;
let user: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  user = await app.factory.signedIn();
});
afterAll(() => app.stop());

const ask = (requestId: string) =>
  app.client.get('/users/me', { as: user.token, headers: { 'X-Request-ID': requestId } });

describe('X-Request-ID', () => {
  it.each(['a', '0', 'A.b_c-9', 'x'.repeat(128), '550e8400-e29b-41d4-a716-446655440000'])('%s → echoed', async (id) => {
    expect((await ask(id)).headers['x-request-id']).toBe(id);
  });

  it.each(['', ' ', 'x'.repeat(129), 'a b', 'a/b', 'a:b', 'a,b', 'ä', '"a"', '${jndi:ldap}', 'a\tb'])(
    '"%s" → replaced',
    async (id) => {
      expect((await ask(id)).headers['x-request-id']).toMatch(UUID);
    },
  );

  it('none → one for each request', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => app.client.get('//health/live')));
    const ids = replies.map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(10);
    for (const id of ids) expect(id).toMatch(UUID);
  });

  it('two of them → replaced: which one counts would be a guess', async () => {
    const headers = { Authorization: `Bearer ${user.token}`, 'X-Request-ID': ['a', 'b'] };
    const reply = await rawRequest(app.client, { target: '/api/v1/users/me', headers });
    expect(reply.headers['x-request-id']).toMatch(UUID);
  });

  it.each([
    ['GET', '/nowhere'],
    ['PUT', '/users'],
    ['GET', '/users'],
    ['GET', '/users/%zz'],
    ['GET', '/users/me?x=1'],
    ['POST', '/auth/token'],
  ])('%s %s, refused → echoed, in the problem too', async (method, path) => {
    const reply = await rawRequest(app.client, {
      method,
      target: `/api/v1${path}`,
      headers: { 'X-Request-ID': 'mine-1' },
    });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.headers['x-request-id']).toBe('mine-1');
    if (reply.body.code !== undefined) expect(reply.body.requestId).toBe('mine-1');
  });
});

describe('Server-Timing', () => {
  it('a read → one query', async () => {
    const reply = await ask('a');
    expect(reply.headers['server-timing']).toMatch(TIMING);
    expect(reply.headers['server-timing']).toContain('desc="1 query"');
  });

  it('what needs no database → no query', async () => {
    for (const reply of [
      await app.client.get('//health/live'),
      await app.client.get('/users/me'),
      await app.client.get('/nowhere'),
    ]) {
      expect(reply.headers['server-timing']).toMatch(TIMING);
      expect(queriesOf(reply)).toBe(0);
    }
  });

  it('a token → costs no query by itself', async () => {
    expect(queriesOf(await app.client.get('/users', { as: user.token }))).toBe(0);
  });

  it('a 304 and a HEAD → have it', async () => {
    const headers = { 'If-None-Match': '*' };
    const replies = [
      await app.client.get('/users/me', { as: user.token, headers }),
      await app.client.head('/users/me', { as: user.token }),
    ];
    expect(replies.map((reply) => [reply.status, queriesOf(reply)])).toEqual([
      [304, 1],
      [200, 1],
    ]);
  });
});

describe('headers that no answer has', () => {
  it.each(['//health/live', '/users/me', '/nowhere', '//docs'])('%s', async (path) => {
    const target = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
    const { headers } = await rawRequest(app.client, { target });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
  });
});
