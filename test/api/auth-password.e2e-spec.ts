import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { PASSWORD } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';
import { INVALID_GRANT, passwordGrant, refresh, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const NEW = 'staple correct horse';

function change(as: string, body: object): Promise<Reply> {
  return app.client.put('/auth/password', { as, body });
}

async function isAlive(token: string): Promise<boolean> {
  return (await app.client.get('/protected', { as: token })).status === 200;
}

describe('PUT /auth/password', () => {
  it('the right current password → 204; the new one lets in, the old one does not', async () => {
    const user = await app.factory.signedIn();
    const reply = await change(user.token, { currentPassword: PASSWORD, newPassword: NEW });
    expect([reply.status, reply.text]).toEqual([204, '']);
    const old = await app.client.post('/auth/token', { body: passwordGrant(user.email) });
    expect([old.status, old.text]).toEqual([400, INVALID_GRANT]);
    await signIn(app, user.email, NEW);
  });

  it('three sessions → the other two end, access and refresh tokens; this one lives and refreshes', async () => {
    const { email } = await app.factory.aUser();
    const [mine, a, b] = [await signIn(app, email), await signIn(app, email), await signIn(app, email)];
    const stranger = await app.factory.signedIn();
    expect((await change(mine.access, { currentPassword: PASSWORD, newPassword: NEW })).status).toBe(204);
    for (const { access, refresh: token } of [a, b]) {
      expect(await isAlive(access)).toBe(false);
      expect((await refresh(app, token)).text).toBe(INVALID_GRANT);
    }
    expect(await isAlive(mine.access)).toBe(true);
    expect((await refresh(app, mine.refresh)).status).toBe(200);
    expect(await isAlive(stranger.token)).toBe(true);
  });

  it('a wrong current password → 422 auth.wrong_password at /currentPassword, nothing changes', async () => {
    const { email } = await app.factory.aUser();
    const [mine, other] = [await signIn(app, email), await signIn(app, email)];
    const reply = await change(mine.access, { currentPassword: 'not the password', newPassword: NEW });
    expect([reply.status, reply.body.code]).toEqual([422, 'auth.wrong_password']);
    expect(reply.body.errors).toEqual([
      { pointer: '/currentPassword', code: 'wrong_password', detail: expect.any(String) },
    ]);
    expect(await isAlive(other.access)).toBe(true);
    await signIn(app, email);
  });

  it('the change → the ETag of the user moves, so that no stale If-Match wins', async () => {
    const user = await app.factory.signedIn();
    const before = (await app.client.get('/users/me', { as: user.token })).headers['etag'];
    await change(user.token, { currentPassword: PASSWORD, newPassword: NEW });
    expect((await app.client.get('/users/me', { as: user.token })).headers['etag']).not.toBe(before);
  });

  it('no token → 401', async () => {
    const reply = await app.client.put('/auth/password', { body: { currentPassword: PASSWORD, newPassword: NEW } });
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });
});

describe('a new password that is refused', () => {
  it.each<[string, unknown]>([
    ['7 characters', 'a1!b2?c'],
    ['129 characters', 'x'.repeat(129)],
    ['empty', ''],
    ['missing', undefined],
    ['null', null],
    ['a number', 123456789],
    ['with a NUL', `${NEW}\0`],
    ['with half a surrogate pair', `${NEW}\ud800`],
    ['a common one', 'password1'],
    ['a common one in capitals', 'IloveYou'],
    ['a common one of digits', '1234567890'],
    ['the name', 'Ada Lovelace'],
    ['the name in other case', 'aDA lOVELACE'],
    ['the email address', 'Ada.L@Example.com'],
    ['the email address in small letters', 'ada.l@example.com'],
  ])('%s → 422 at /newPassword, and the old one stays', async (_situation, newPassword) => {
    const email = 'Ada.L@Example.com';
    await app.dataSource.query('UPDATE users SET deleted_at = now() WHERE email = $1', [email]);
    const user = await app.factory.signedIn({ name: 'Ada Lovelace', email });
    const reply = await change(user.token, { currentPassword: PASSWORD, newPassword });
    expect([reply.status, reply.body.code]).toEqual([422, 'request.invalid']);
    expect(reply.body.errors).toEqual([expect.objectContaining({ pointer: '/newPassword' })]);
    await signIn(app, email);
  });

  it.each<[string, object, string[]]>([
    ['an unknown member', { currentPassword: PASSWORD, newPassword: NEW, userId: 'x' }, ['/userId']],
    ['nothing', {}, ['/currentPassword', '/newPassword']],
  ])('%s → 422 that points there', async (_situation, body, pointers) => {
    const reply = await change((await app.factory.signedIn()).token, body);
    expect(reply.status).toBe(422);
    expect(reply.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual(pointers);
  });
});

describe('a new password that is taken', () => {
  it.each([
    ['8 characters', 'a1!b2?c3'],
    ['128 characters', 'x'.repeat(128)],
    ['128 characters beyond the basic plane', '\u{1F511}'.repeat(128)],
    ['blanks around it', '  a password with blanks  '],
    ['nothing but letters', 'zugspitzbahnhof'],
  ])('%s → 204, and lets in to the letter', async (_situation, newPassword) => {
    const user = await app.factory.signedIn();
    expect((await change(user.token, { currentPassword: PASSWORD, newPassword })).status).toBe(204);
    await signIn(app, user.email, newPassword);
    if (newPassword.trim() === newPassword) return;
    const trimmed = await app.client.post('/auth/token', { body: passwordGrant(user.email, newPassword.trim()) });
    expect(trimmed.text).toBe(INVALID_GRANT);
  });
});

describe('the same rules at registration', () => {
  it.each([
    ['7 characters', 'a1!b2?c'],
    ['a common one', 'trustno1'],
    ['the name', 'grace hopper'],
    ['the email address', 'GRACE@example.com'],
  ])('%s → 422 at /password', async (_situation, password) => {
    const reply = await app.client.post('/users', {
      body: { name: 'Grace Hopper', email: 'grace@example.com', password },
    });
    expect([reply.status, reply.body.errors]).toEqual([422, [expect.objectContaining({ pointer: '/password' })]]);
  });
});
