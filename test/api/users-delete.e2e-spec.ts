import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { ifMatch } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const NOBODY = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';
const ANY = { 'If-Match': '*' };

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const read = ({ id }: { id: string }, as = admin.token): Promise<Reply> => app.client.get(`/users/${id}`, { as });
const remove = ({ id }: { id: string }, as = admin.token, headers: Record<string, string> = ANY): Promise<Reply> =>
  app.client.delete(`/users/${id}`, { as, headers });
const restore = ({ id }: { id: string }, headers: Record<string, string> = {}): Promise<Reply> =>
  app.client.post(`/users/${id}/restoration`, { as: admin.token, headers });
const signIn = (username: string): Promise<Reply> =>
  app.client.post('/auth/token', { body: { grant_type: 'password', username, password: PASSWORD } });
const aDeletedUser = (members: object = {}) => app.factory.aUser({ deletedAt: new Date(), ...members });

const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];

describe('DELETE /users/{id}', () => {
  it('oneself → 204 without a body, and the next request is 401', async () => {
    const user = await app.factory.signedIn();
    const reply = await remove(user, user.token, ifMatch(await read(user)));
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(verdict(await app.client.get('/users/me', { as: user.token }))).toEqual([401, 'auth.token_invalid']);
  });

  it('every session ends, and nobody gets in any more', async () => {
    const user = await app.factory.aUser();
    const { token } = await app.factory.session(user);
    const { body: tokens } = await signIn(user.email);
    await remove(user);
    const refresh = { body: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token } };
    const replies = [
      await app.client.get('/users/me', { as: token }),
      await app.client.get('/users/me', { as: tokens.access_token }),
      await app.client.post('/auth/token', refresh),
      await signIn(user.email),
    ];
    expect(replies.map(({ status }) => status)).toEqual([401, 401, 400, 400]);
  });

  it('afterwards → an admin reads him with deletedAt, in no list, and for others he is gone', async () => {
    const [user, other] = [await app.factory.aUser(), await app.factory.signedIn()];
    const before = await read(user);
    await remove(user);
    const { body } = await read(user);
    expect(body).toEqual({ ...before.body, deletedAt: expect.any(String), updatedAt: expect.any(String), version: 2 });
    expect(Date.now() - Date.parse(body.deletedAt)).toBeLessThan(60_000);
    expect((await app.client.get(`/users?email=${user.email}`, { as: admin.token })).body.data).toEqual([]);
    expect(verdict(await read(user, other.token))).toEqual([404, 'user.not_found']);
  });

  it('his orders → stay', async () => {
    const user = await app.factory.aUser();
    const order = await app.factory.anOrder(user.id, { status: 'paid' });
    await remove(user);
    const { status, body } = await app.client.get(`/orders/${order.id}`, { as: admin.token });
    expect([status, body.userId, body.status]).toEqual([200, user.id, 'paid']);
  });

  it('his address → is free, again and again', async () => {
    const email = 'again@example.com';
    for (let n = 0; n < 3; n += 1) {
      const created = await app.client.post('/users', {
        body: { name: 'Ada', email, password: 'correct horse battery' },
      });
      expect([created.status, (await remove(created.body)).status]).toEqual([201, 204]);
    }
  });

  it('a second time, or a change → 404, for admins too', async () => {
    const user = await app.factory.aUser();
    await remove(user);
    const change = await app.client.patch(`/users/${user.id}`, { as: admin.token, body: { age: 1 }, headers: ANY });
    expect([await remove(user), change].map(verdict)).toEqual(Array(2).fill([404, 'user.not_found']));
  });

  it.each([
    ['missing', {}, 428, 'precondition.required'],
    ['stale', { 'If-Match': '"stale"' }, 412, 'precondition.failed'],
    ['no entity tag', { 'If-Match': 'stale' }, 400, 'request.malformed'],
  ])('If-Match that is %s → %p, and he is still there', async (_situation, headers, status, code) => {
    const user = await app.factory.signedIn();
    expect(verdict(await remove(user, user.token, headers))).toEqual([status, code]);
    expect((await read(user, user.token)).body.deletedAt).toBeNull();
  });

  it('another user by somebody who is no admin → 404, and he is still there', async () => {
    const [user, analyst] = [await app.factory.signedIn(), await app.factory.analyst()];
    expect(verdict(await remove(user, analyst.token))).toEqual([404, 'user.not_found']);
    expect((await read(user, user.token)).status).toBe(200);
  });

  it('ten times at the same moment → exactly one 204', async () => {
    const user = await app.factory.aUser();
    const replies = await Promise.all(Array.from({ length: 10 }, () => remove(user)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, ...Array(9).fill(404)]);
  });

  it('a change and a deletion at the same moment under one ETag → one of them counts', async () => {
    const user = await app.factory.aUser();
    const headers = ifMatch(await read(user));
    const [deleted, changed] = await Promise.all([
      remove(user, admin.token, headers),
      app.client.patch(`/users/${user.id}`, { as: admin.token, body: { age: 7 }, headers }),
    ]);
    expect([
      [204, 404],
      [412, 200],
    ]).toContainEqual([deleted.status, changed.status]);
  });
});

describe('POST /users/{id}/restoration', () => {
  it('a deleted user → 200 as he was, and he signs in again', async () => {
    const user = await app.factory.aUser({ name: 'Lazarus', age: 33, roles: ['customer', 'analyst'] });
    const before = await read(user);
    await remove(user);
    const reply = await restore(user);
    expect([reply.status, reply.body]).toEqual([200, { ...before.body, updatedAt: expect.any(String), version: 3 }]);
    expect((await read(user)).headers['etag']).toBe(reply.headers['etag']);
    expect((await signIn(user.email)).status).toBe(200);
  });

  it('the sessions of before → stay ended', async () => {
    const user = await app.factory.signedIn();
    await remove(user);
    await restore(user);
    expect((await app.client.get('/users/me', { as: user.token })).status).toBe(401);
  });

  it('one who is not deleted → 409', async () => {
    expect(verdict(await restore(await app.factory.aUser()))).toEqual([409, 'user.not_deleted']);
  });

  it('his address gone to another, in another case → 409, and he stays deleted', async () => {
    const user = await aDeletedUser({ email: 'given-away@example.com' });
    await app.factory.aUser({ email: 'Given-Away@example.com' });
    expect(verdict(await restore(user))).toEqual([409, 'user.email_taken']);
    expect((await read(user)).body.deletedAt).not.toBeNull();
  });

  it('nobody → 404', async () => {
    expect(verdict(await restore({ id: NOBODY }))).toEqual([404, 'user.not_found']);
  });

  it('If-Match → obeyed, though not required', async () => {
    const user = await aDeletedUser();
    const present = ifMatch(await read(user));
    const replies = [
      await restore(user, { 'If-Match': '"stale"' }),
      await restore(user, { 'If-Match': 'x' }),
      await restore(user, present),
    ];
    expect(replies.map(({ status }) => status)).toEqual([412, 400, 200]);
  });

  it('five who had the same address, at the same moment → exactly one 200', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => aDeletedUser({ email: 'contested@example.com' })));
    const replies = await Promise.all(users.map((user) => restore(user)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
  });
});
