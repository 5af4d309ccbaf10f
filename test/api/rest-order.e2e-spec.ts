import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

const NOBODY = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';
const HTML = { Accept: 'text/html' };
const TEXT = { 'Content-Type': 'text/plain' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const STALE = { 'If-Match': '"stale"' };

let app: TestApp;
let ada: SignedIn;
let bob: SignedIn;
let admin: SignedIn;
let analyst: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [ada, bob, admin, analyst] = await Promise.all([
    app.factory.signedIn(),
    app.factory.signedIn(),
    app.factory.admin(),
    app.factory.analyst(),
  ]);
});
afterAll(() => app.stop());

/** Users in a path by their names. */
const at = (path: string): string => path.replace('{ada}', ada.id).replace('{bob}', bob.id).replace('{nobody}', NOBODY);

const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];

describe('several things wrong at once → the first in the order of checks is answered', () => {
  it('an unknown path before the missing token', async () => {
    expect(verdict(await app.client.post('/nowhere', { body: '{' }))).toEqual([404, 'route.not_found']);
  });

  it('the wrong method before the missing token', async () => {
    expect(verdict(await app.client.put('/users', { body: '{' }))).toEqual([405, 'route.method_not_allowed']);
  });

  it('the missing token before Accept, query, media type, body, id and If-Match', async () => {
    const reply = await app.client.patch('/users/x?y=1', { body: '{', headers: { ...HTML, ...TEXT, 'If-Match': 'x' } });
    expect(verdict(reply)).toEqual([401, 'auth.token_missing']);
  });

  it('a bad token before the missing role', async () => {
    expect(verdict(await app.client.get('/users', { as: 'x.y.z' }))).toEqual([401, 'auth.token_invalid']);
  });

  it('the missing role before Accept, query, media type, body and id', async () => {
    const reply = await app.client.post('/users/x/restoration?y=1', {
      as: ada.token,
      body: '{',
      headers: { ...HTML, ...TEXT },
    });
    expect(verdict(reply)).toEqual([403, 'auth.forbidden']);
  });

  it('Accept before query, media type and id', async () => {
    const reply = await app.client.patch('/users/x?y=1', { as: ada.token, body: '{', headers: { ...HTML, ...TEXT } });
    expect(verdict(reply)).toEqual([406, 'request.not_acceptable']);
  });

  it('the media type before query, id and If-Match', async () => {
    const reply = await app.client.patch('/users/x?y=1', {
      as: ada.token,
      body: '{',
      headers: { ...TEXT, 'If-Match': 'x' },
    });
    expect(verdict(reply)).toEqual([415, 'request.unsupported_media_type']);
  });

  it('malformed JSON before query and id', async () => {
    const reply = await app.client.patch('/users/x?y=1', { as: ada.token, body: '{', headers: JSON_TYPE });
    expect(verdict(reply)).toEqual([400, 'request.malformed']);
  });

  it('refused input before the thing that does not exist', async () => {
    const reply = await app.client.patch(`/users/${NOBODY}`, { as: admin.token, body: { age: -1 } });
    expect(verdict(reply)).toEqual([422, 'request.invalid']);
  });

  it('refused input before the precondition', async () => {
    const reply = await app.client.patch(`/users/${ada.id}`, { as: ada.token, body: { age: -1 }, headers: STALE });
    expect(verdict(reply)).toEqual([422, 'request.invalid']);
  });

  it.each([
    ['missing', {}],
    ['stale', STALE],
  ])('the thing that does not exist before the precondition that is %s', async (_situation, headers) => {
    const replies = [
      await app.client.patch(`/users/${NOBODY}`, { as: admin.token, body: {}, headers }),
      await app.client.delete(`/users/${NOBODY}`, { as: admin.token, headers }),
    ];
    expect(replies.map(verdict)).toEqual(Array(2).fill([404, 'user.not_found']));
  });

  it.each([
    ['missing', {}, [428, 'precondition.required']],
    ['stale', STALE, [412, 'precondition.failed']],
  ])('the precondition that is %s before the conflict', async (_situation, headers, expected) => {
    const reply = await app.client.patch(`/users/${ada.id}`, { as: ada.token, body: { email: bob.email }, headers });
    expect(verdict(reply)).toEqual(expected);
  });

  it('the stale precondition before the state that forbids it', async () => {
    const reply = await app.client.post(`/users/${ada.id}/restoration`, { as: admin.token, headers: STALE });
    expect(verdict(reply)).toEqual([412, 'precondition.failed']);
  });

  it('the role that a member needs before the thing and the precondition', async () => {
    const replies = [
      await app.client.patch(`/users/${ada.id}`, { as: ada.token, body: { disabled: true } }),
      await app.client.patch(`/users/${bob.id}`, { as: ada.token, body: { roles: ['admin'] } }),
      await app.client.patch(`/users/${NOBODY}`, { as: ada.token, body: { roles: ['admin'] }, headers: STALE }),
    ];
    expect(replies.map(verdict)).toEqual(Array(3).fill([403, 'auth.forbidden']));
  });
});

describe('a token that is missing or bad → 401', () => {
  it.each([
    ['none', {}, 'auth.token_missing', 'Bearer'],
    ['another scheme', { Authorization: 'Basic YTpi' }, 'auth.token_missing', 'Bearer'],
    ['the scheme alone', { Authorization: 'Bearer' }, 'auth.token_missing', 'Bearer'],
    ['nonsense', { Authorization: 'Bearer nonsense' }, 'auth.token_invalid', 'Bearer error="invalid_token"'],
  ])('%s', async (_situation, headers, code, challenge) => {
    for (const path of ['/users', '/users/me', `/users/${NOBODY}`, '/orders', '/aggregate', '/auth/sessions']) {
      const reply = await app.client.get(path, { headers });
      expect([path, ...verdict(reply), reply.headers['www-authenticate']]).toEqual([path, 401, code, challenge]);
    }
  });
});

describe('a missing role → 403, whether or not the thing exists', () => {
  it.each([
    ['GET', '/users'],
    ['GET', '/users?cursor=broken'],
    ['GET', '/aggregate'],
    ['POST', '/users/{bob}/restoration'],
    ['POST', '/users/{nobody}/restoration'],
    ['DELETE', '/users/{ada}/sessions'],
    ['DELETE', '/users/{nobody}/sessions'],
    ['POST', '/orders/{nobody}/shipment'],
    ['POST', '/orders/{nobody}/refunds'],
  ])('%s %s', async (method, path) => {
    expect(verdict(await app.client.send(method, at(path), { as: ada.token }))).toEqual([403, 'auth.forbidden']);
  });

  it('an analyst → is no admin', async () => {
    const paths = ['/users', '/aggregate'];
    const replies = await Promise.all(paths.map((path) => app.client.get(path, { as: analyst.token })));
    expect(replies.map(({ status }) => status)).toEqual([403, 200]);
  });
});

describe("another user's thing → 404, in the very words of one that does not exist", () => {
  it.each([
    ['GET', '/users/{}'],
    ['GET', '/users/{}/orders'],
    ['GET', '/users/{}/analytics'],
    ['DELETE', '/users/{}'],
  ])('%s %s', async (method, path) => {
    const ask = { as: ada.token, headers: { 'If-Match': '*' } };
    const foreign = await app.client.send(method, path.replace('{}', bob.id), ask);
    const missing = await app.client.send(method, path.replace('{}', NOBODY), ask);
    expect(verdict(foreign)).toEqual([404, 'user.not_found']);
    expect({ ...foreign.body, requestId: '', instance: '' }).toEqual({ ...missing.body, requestId: '', instance: '' });
    expect(Object.keys(foreign.headers)).toEqual(Object.keys(missing.headers));
  });

  it('PATCH of another user → 404, and nothing has changed', async () => {
    const headers = { 'If-Match': '*' };
    const replies = [
      await app.client.patch(`/users/${bob.id}`, { as: ada.token, body: { name: 'Eve' }, headers }),
      await app.client.patch(`/users/${NOBODY}`, { as: ada.token, body: { name: 'Eve' }, headers }),
    ];
    expect(replies.map(verdict)).toEqual(Array(2).fill([404, 'user.not_found']));
    expect((await app.client.get('/users/me', { as: bob.token })).body.name).toBe(bob.name);
  });

  it('the same for an analyst, save the analytics', async () => {
    const paths = [`/users/${bob.id}`, `/users/${bob.id}/orders`, `/users/${bob.id}/analytics`];
    const replies = await Promise.all(paths.map((path) => app.client.get(path, { as: analyst.token })));
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 200]);
  });

  it('an order of another → 404; his id as a filter → 403', async () => {
    const order = await app.factory.anOrder(bob.id);
    const replies = [
      await app.client.get(`/orders/${order.id}`, { as: ada.token }),
      await app.client.get(`/orders?userId=${bob.id}`, { as: ada.token }),
      await app.client.get(`/orders?userId=${ada.id}`, { as: ada.token }),
    ];
    expect(replies.map(verdict)).toEqual([
      [404, 'order.not_found'],
      [403, 'auth.forbidden'],
      [200, undefined],
    ]);
  });
});
