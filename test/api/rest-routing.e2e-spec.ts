import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withoutLimits } from '../support/limits.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

const ID = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';

/** Every path and what it answers to. `me` and `batch` are ids, though no well-formed ones, to the routes of a single thing. */
const ALLOW = {
  '/api/v1/users': 'GET, HEAD, POST',
  '/api/v1/users/me': 'DELETE, GET, HEAD, PATCH',
  [`/api/v1/users/${ID}`]: 'DELETE, GET, HEAD, PATCH',
  [`/api/v1/users/${ID}/restoration`]: 'POST',
  [`/api/v1/users/${ID}/orders`]: 'GET, HEAD',
  [`/api/v1/users/${ID}/analytics`]: 'GET, HEAD',
  [`/api/v1/users/${ID}/sessions`]: 'DELETE',
  '/api/v1/auth/token': 'POST',
  '/api/v1/auth/revoke': 'POST',
  '/api/v1/auth/sessions': 'DELETE, GET, HEAD',
  [`/api/v1/auth/sessions/${ID}`]: 'DELETE',
  '/api/v1/auth/password': 'PUT',
  '/api/v1/protected': 'GET, HEAD',
  '/api/v1/orders': 'GET, HEAD, POST',
  '/api/v1/orders/batch': 'GET, HEAD, PATCH, POST',
  [`/api/v1/orders/${ID}`]: 'GET, HEAD, PATCH',
  [`/api/v1/orders/${ID}/payments`]: 'POST',
  [`/api/v1/orders/${ID}/refunds`]: 'POST',
  [`/api/v1/orders/${ID}/transactions`]: 'GET, HEAD',
  [`/api/v1/orders/${ID}/transactions/${ID}`]: 'GET, HEAD',
  [`/api/v1/orders/${ID}/cancellation`]: 'POST',
  [`/api/v1/orders/${ID}/shipment`]: 'POST',
  [`/api/v1/orders/${ID}/delivery`]: 'POST',
  '/api/v1/audit': 'GET, HEAD',
  '/api/v1/aggregate': 'GET, HEAD',
  '/api/v1/analytics/revenue': 'GET, HEAD',
  '/api/v1/analytics/customers': 'GET, HEAD',
  '/api/v1/analytics/products': 'GET, HEAD',
  '/api/v1/analytics/statuses': 'GET, HEAD',
  '/api/v1/analytics/cohorts': 'GET, HEAD',
  '/api/v1/process': 'POST',
  '/api/v1/jobs': 'GET, HEAD',
  [`/api/v1/jobs/${ID}`]: 'DELETE, GET, HEAD',
  [`/api/v1/jobs/${ID}/events`]: 'GET, HEAD',
  [`/api/v1/jobs/${ID}/retry`]: 'POST',
  '/health/live': 'GET, HEAD',
  '/health/ready': 'GET, HEAD',
  '/health/startup': 'GET, HEAD',
  '/metrics': 'GET, HEAD',
  '/status.json': 'GET, HEAD',
  '/problems': 'GET, HEAD',
  '/problems/order.not_found': 'GET, HEAD',
  '/problems.css': 'GET, HEAD',
  '/status': 'GET, HEAD',
  '/status.css': 'GET, HEAD',
  '/status.js': 'GET, HEAD',
  '/docs': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
  '/openapi.yaml': 'GET, HEAD',
} as const;

/** Their bodies tell the time or how long something took. */
const CHANGING =
  /\/(aggregate|analytics|cohorts|customers|products|ready|revenue|statuses|metrics|status|status\.json)$/;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
});
afterAll(() => app.stop());

describe('a known path with another method → 405 with exactly its methods', () => {
  it.each(Object.entries(ALLOW))('%s', async (target, allow) => {
    const others = METHODS.filter((method) => !allow.split(', ').includes(method));
    for (const method of others) {
      const reply = await rawRequest(app.client, { method, target });
      expect([method, reply.status, reply.headers['allow']]).toEqual([method, 405, allow]);
      if (method === 'HEAD') continue;
      expect(reply.body).toMatchObject({ code: 'route.method_not_allowed', status: 405, instance: target });
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
  });

  it('the documented operations → each is among these', async () => {
    const { body } = await rawRequest(app.client, { target: '/openapi.json' });
    const allowed = Object.entries(ALLOW).map(([path, allow]) => [
      path.replaceAll(ID, '{}').replace('order.not_found', '{}'),
      allow,
    ]);
    const documented = Object.entries<object>(body.paths).map(([path, item]) => [
      path.replaceAll(/\{[^}]+\}/g, '{}'),
      Object.keys(item),
    ]);
    const missing = documented.filter(([path, methods]) => {
      const allow = allowed.find(([known]) => known === path)?.[1] ?? '';
      return [methods ?? []].flat().some((method) => !allow.includes(method.toUpperCase()));
    });
    expect(missing).toEqual([]);
  });
});

describe('an unknown path → 404, signed in or not', () => {
  it.each([
    '/',
    '//',
    '/nowhere',
    '/api',
    '/api/v1',
    '/api/v1/',
    '/api/v1/nowhere',
    '/api/v2/users',
    '/api/v1/users/',
    '/api/v1//users',
    '/api/v1/Users',
    '/API/v1/users',
    `/api/v1/users/${ID}/`,
    `/api/v1/users/${ID}/nowhere`,
    `/api/v1/users/${ID}/restoration/x`,
    '/health',
    '/health/live/',
    '/Health/live',
    '/problems/',
    '/favicon.ico',
    '/docs/nowhere',
    '/constructor',
  ])('%s', async (target) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const reply = await rawRequest(app.client, { method, target });
      expect([method, reply.status, reply.body?.code]).toEqual([method, 404, 'route.not_found']);
      expect(reply.body.instance).toBe(target);
      expect(reply.headers['allow']).toBeUndefined();
    }
  });

  it('OPTIONS * → 404', async () => {
    const reply = await rawRequest(app.client, { method: 'OPTIONS', target: '*' });
    expect([reply.status, reply.body.code, reply.body.instance]).toEqual([404, 'route.not_found', '*']);
  });

  it('the absolute form of a target → the path alone counts', async () => {
    const replies = await Promise.all([
      rawRequest(app.client, { target: 'http://example.com/health/live' }),
      rawRequest(app.client, { target: 'http://example.com/nowhere?x=1' }),
      rawRequest(app.client, { method: 'PUT', target: 'http://example.com/api/v1/users' }),
    ]);
    expect(replies.map(({ status, body }) => [status, body.instance])).toEqual([
      [200, undefined],
      [404, '/nowhere'],
      [405, '/api/v1/users'],
    ]);
  });
});

describe('a broken percent-encoding → 400, signed in or not', () => {
  it.each([
    '/api/v1/users/%zz',
    '/api/v1/users/%',
    '/api/v1/users/%ff',
    '/api/v1/users/%ed%a0%80',
    '/api/v1/users/%zz/orders',
    `/api/v1/orders/${ID}/transactions/%f`,
    '/api/v1/auth/sessions/%zz',
    '/problems/%zz',
    '/problems?%zz=1',
    '/problems?x=%ff',
    '/health/live?x=%',
  ])('%s', async (target) => {
    const replies = [
      await rawRequest(app.client, { target }),
      await rawRequest(app.client, { method: 'DELETE', target }),
    ];
    const [read] = replies;
    expect([read?.status, read?.body.code, read?.body.instance]).toEqual([
      400,
      'request.malformed',
      target.split('?')[0],
    ]);
    for (const { text } of replies) expect(text).not.toMatch(/decode|URIError/i);
  });
});

describe('HEAD → as GET, without the body', () => {
  it('every path that GET answers', async () => {
    const { token, id } = await app.factory.admin();
    const order = await app.factory.anOrder(id, { status: 'paid' });
    const list = await app.client.get(`/orders/${order.id}/transactions`, { as: token });
    const paths = Object.entries(ALLOW)
      .filter(([path, allow]) => allow.includes('GET') && !path.startsWith('/docs') && !path.startsWith('/openapi'))
      .filter(([path]) => !/\/(batch|revenue|customers|products)$|\/jobs\//.test(path)) // need a query, or a job
      .map(([path]) => path.replace(`transactions/${ID}`, `transactions/${list.body.data[0].id}`))
      .map((path) => path.replace(ID, path.includes('/orders/') && !path.includes('/users/') ? order.id : id));
    expect(paths).toHaveLength(27);
    for (const path of paths) {
      const target = path.startsWith('/api/v1') ? path.slice('/api/v1'.length) : `/${path}`;
      const read = await app.client.get(target, { as: token });
      const head = await app.client.head(target, { as: token });
      expect([path, head.status, head.text]).toEqual([path, 200, '']);
      const { date: _date, 'server-timing': _timing, 'x-request-id': _id, ...same } = read.headers;
      if (!CHANGING.test(path)) expect(head.headers).toMatchObject(withoutLimits(same));
    }
  });

  it('a refused one → its status, without the body', async () => {
    const reply = await app.client.head('/users/me');
    expect([reply.status, reply.text, reply.headers['www-authenticate']]).toEqual([401, '', 'Bearer']);
  });
});

describe('Accept', () => {
  it.each([
    'application/json',
    'application/*',
    '*/*',
    'text/html;q=0.9, */*;q=0.1',
    'APPLICATION/JSON',
    'application/json;q=0.001',
  ])('%s → JSON', async (accept) => {
    const reply = await app.client.get('//health/live', { headers: { Accept: accept } });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  });

  it.each([
    'text/html',
    'text/csv',
    'application/json;q=0',
    'application/xml, text/*',
    'application/problem+json',
    'nonsense',
  ])('%s → 406', async (accept) => {
    const reply = await app.client.get('//health/live', { headers: { Accept: accept } });
    expect([reply.status, reply.body.code]).toEqual([406, 'request.not_acceptable']);
    expect(reply.body.detail).toContain('application/json');
  });

  it('only HTML, where the answer has no body → done', async () => {
    const { token } = await app.factory.signedIn();
    const reply = await app.client.delete('/auth/sessions', { as: token, headers: { Accept: 'text/html' } });
    expect(reply.status).toBe(204);
  });

  it('only HTML for a change → 406, and nothing has changed', async () => {
    const { token, id } = await app.factory.signedIn({ name: 'Before' });
    const headers = { Accept: 'text/html', 'If-Match': '*' };
    const reply = await app.client.patch(`/users/${id}`, { as: token, body: { name: 'After' }, headers });
    const read = await app.client.get('/users/me', { as: token });
    expect([reply.status, read.body.name]).toEqual([406, 'Before']);
  });
});
