import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { ifMatch, pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const ANY = { 'If-Match': '*' };

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const read = ({ id }: { id: string }, as = admin.token): Promise<Reply> => app.client.get(`/users/${id}`, { as });
const patch = ({ id, token }: SignedIn, body: object, headers: Record<string, string> = ANY): Promise<Reply> =>
  app.client.patch(`/users/${id}`, { as: token, body, headers });
const patchAsAdmin = ({ id }: { id: string }, body: object): Promise<Reply> =>
  app.client.patch(`/users/${id}`, { as: admin.token, body, headers: ANY });

describe('PATCH /users/{id}', () => {
  it('one member → it alone changes, and the answer is what GET then says', async () => {
    const user = await app.factory.signedIn({ name: 'Ada', age: 36 });
    const before = await read(user);
    const reply = await patch(user, { name: ' Ada King ' }, ifMatch(before));
    const { updatedAt } = reply.body;
    expect([reply.status, reply.body]).toEqual([200, { ...before.body, name: 'Ada King', updatedAt, version: 2 }]);
    expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(Date.parse(before.body.updatedAt));
    const after = await read(user, user.token);
    expect([after.text, after.headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
  });

  it.each([
    ['null → removes it', { age: null }, null],
    ['a number → replaces it', { age: 37 }, 37],
    ['absent → stays', { name: 'Same age' }, 36],
  ])('an age that is %s', async (_situation, body, age) => {
    const user = await app.factory.signedIn({ age: 36 });
    expect((await patch(user, body)).body.age).toBe(age);
  });

  it('nothing to change → the same version and ETag', async () => {
    const user = await app.factory.signedIn({ name: 'Ada' });
    const before = await read(user);
    for (const body of [{}, { name: 'Ada', age: null }]) {
      const reply = await patch(user, body);
      expect([reply.status, reply.text, reply.headers['etag']]).toEqual([200, before.text, before.headers['etag']]);
    }
  });

  it('a change → ends no session', async () => {
    const user = await app.factory.signedIn();
    await patch(user, { name: 'New', email: 'new-address@example.com', age: 1 });
    expect((await app.client.get('/users/me', { as: user.token })).status).toBe(200);
  });

  it.each([
    ['an unknown member', { colour: 'red' }, ['/colour']],
    [
      'what nobody sets',
      { id: '1', version: 7, createdAt: '2026-01-01', deletedAt: null },
      ['/id', '/version', '/createdAt', '/deletedAt'],
    ],
    ['the password', { password: 'correct horse battery' }, ['/password']],
    ['null for the name', { name: null }, ['/name']],
    ['null for the address', { email: null }, ['/email']],
    ['a blank name', { name: ' ' }, ['/name']],
    ['an age above', { age: 151 }, ['/age']],
    ['an unknown role', { roles: ['root'] }, ['/roles']],
    ['a role twice', { roles: ['admin', 'admin'] }, ['/roles']],
    ['one role and no list', { roles: 'admin' }, ['/roles']],
    ['null for the roles', { roles: null }, ['/roles']],
    ['a word for disabled', { disabled: 'no' }, ['/disabled']],
    ['several', { name: '', age: -1, x: 1 }, ['/x', '/name', '/age']],
  ])('%s → 422, and nothing has changed', async (_situation, body, pointers) => {
    const user = await app.factory.aUser();
    const before = await read(user);
    const reply = await patchAsAdmin(user, body);
    expect([reply.status, pointersOf(reply)]).toEqual([422, pointers]);
    expect((await read(user)).text).toBe(before.text);
  });
});

describe('PATCH of the address', () => {
  it('another case of the own one → taken as written', async () => {
    const user = await app.factory.signedIn({ email: 'own@example.com' });
    expect((await patch(user, { email: 'OWN@example.com' })).body.email).toBe('OWN@example.com');
  });

  it("another user's, in another case → 409, and nothing has changed", async () => {
    await app.factory.aUser({ email: 'theirs@example.com' });
    const user = await app.factory.signedIn();
    const reply = await patch(user, { name: 'New', email: 'THEIRS@example.com' });
    expect([reply.status, reply.body.code]).toEqual([409, 'user.email_taken']);
    expect((await read(user)).body).toMatchObject({ name: user.name, email: user.email, version: 1 });
  });

  it('ten users at the same moment to one address → exactly one 200', async () => {
    const users = await Promise.all(Array.from({ length: 10 }, () => app.factory.signedIn()));
    const replies = await Promise.all(users.map((user) => patch(user, { email: 'wanted@example.com' })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
  });
});

describe('PATCH under If-Match', () => {
  it('the ETag of before another change → 412, and the other change stays', async () => {
    const user = await app.factory.signedIn();
    const before = await read(user);
    await patch(user, { age: 1 }, ifMatch(before));
    const late = await patch(user, { age: 2 }, ifMatch(before));
    expect([late.status, late.body.code, (await read(user)).body.age]).toEqual([412, 'precondition.failed', 1]);
  });

  it.each([
    ['missing', {}, 428],
    ['stale', { 'If-Match': '"stale"' }, 412],
    ['no entity tag', { 'If-Match': 'stale' }, 400],
    ['the wildcard', { 'If-Match': '*' }, 200],
  ])('%s → its status', async (_situation, headers, status) => {
    const user = await app.factory.signedIn();
    expect((await patch(user, { age: 1 }, headers)).status).toBe(status);
  });

  it('the ETag among others → 200; its weak form → 412', async () => {
    const user = await app.factory.signedIn();
    const { headers } = await read(user);
    const replies = [
      await patch(user, { age: 1 }, { 'If-Match': `W/${headers['etag']}` }),
      await patch(user, { age: 1 }, { 'If-Match': `"other", ${headers['etag']}` }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([412, 200]);
  });

  it('20 changes at the same moment under one ETag → exactly one 200, and it is what stays', async () => {
    const user = await app.factory.signedIn();
    const precondition = ifMatch(await read(user));
    const replies = await Promise.all(Array.from({ length: 20 }, (_, age) => patch(user, { age }, precondition)));
    const [won, ...more] = replies.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(19);
    expect((await read(user)).text).toBe(won?.text);
  });

  it('20 changes at the same moment under * → all count, one after the other', async () => {
    const user = await app.factory.signedIn();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, age) => patch(user, { age: age + 1 })));
    const versions = replies.map(({ body }) => body.version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
  });
});

describe('PATCH of roles and disabled', () => {
  it.each([
    ['roles', { roles: ['customer', 'admin'] }],
    ['the roles that he has', { roles: ['customer'] }],
    ['disabled', { disabled: true }],
    ['what he is already', { disabled: false }],
    ['a name beside it', { name: 'New', disabled: false }],
  ])('%s by oneself → 403, and nothing has changed', async (_situation, body) => {
    for (const user of [await app.factory.signedIn(), await app.factory.analyst()]) {
      const before = await read(user);
      const reply = await patch(user, body);
      expect([reply.status, reply.body.code, (await read(user)).text]).toEqual([403, 'auth.forbidden', before.text]);
    }
  });

  it.each([
    ['all', ['admin', 'customer', 'analyst'], ['customer', 'analyst', 'admin']],
    ['one more', ['analyst'], ['customer', 'analyst']],
    ['none', [], ['customer']],
  ])('%s by an admin → customer stays among them, and the sessions end', async (_situation, roles, complete) => {
    const user = await app.factory.signedIn({ roles: ['customer', 'admin'] });
    expect((await patchAsAdmin(user, { roles })).body.roles).toEqual(complete);
    const reply = await app.client.get('/users/me', { as: user.token });
    expect([reply.status, reply.body.code]).toEqual([401, 'auth.token_invalid']);
  });

  it('the same roles again → ends no session', async () => {
    const user = await app.factory.analyst();
    await patchAsAdmin(user, { roles: ['analyst'] });
    expect((await app.client.get('/users/me', { as: user.token })).status).toBe(200);
  });

  it('an admin who gives up his role → has to sign in again', async () => {
    const user = await app.factory.admin();
    expect((await patch(user, { roles: [] })).status).toBe(200);
    expect((await app.client.get('/users', { as: user.token })).status).toBe(401);
  });

  it('disabled → every session ends at once, and nobody gets in; enabled → he signs in again', async () => {
    const user = await app.factory.aUser();
    const sessions = await Promise.all([1, 2].map(() => app.factory.session(user)));
    const signIn = { body: { grant_type: 'password', username: user.email, password: PASSWORD } };
    expect((await patchAsAdmin(user, { disabled: true })).body.disabled).toBe(true);
    const replies = await Promise.all(sessions.map(({ token }) => app.client.get('/users/me', { as: token })));
    expect(replies.map(({ status }) => status)).toEqual([401, 401]);
    expect((await app.client.post('/auth/token', signIn)).body.error).toBe('invalid_grant');
    await patchAsAdmin(user, { disabled: false });
    expect((await app.client.post('/auth/token', signIn)).status).toBe(200);
  });
});
