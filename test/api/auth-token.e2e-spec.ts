import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask } from '../support/api-client.js';
import { PASSWORD } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';
import { asForm, decoded, pairOf, passwordGrant, refreshGrant, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const asJson = (fields: Readonly<Record<string, string>>): Ask => ({ body: fields });

describe.each([
  ['form', asForm],
  ['JSON', asJson],
] as const)('POST /auth/token with a %s body', (_type, write) => {
  it('password grant → exactly the four members of RFC 6749, not to be stored', async () => {
    const { email } = await app.factory.aUser();
    app.log.keepsSecret(PASSWORD);
    const reply = await app.client.post('/auth/token', write(passwordGrant(email)));
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 1800,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(reply.headers['content-type']).toMatch(/^application\/json\b/);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['etag']).toBeUndefined();
  });

  it('refresh grant → a further pair, both tokens new, of the same shape', async () => {
    const before = await signIn(app, (await app.factory.aUser()).email);
    const reply = await app.client.post('/auth/token', write(refreshGrant(before.refresh)));
    expect(Object.keys(reply.body).toSorted()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type']);
    expect(reply.headers['cache-control']).toBe('no-store');
    const after = pairOf(reply);
    expect([after.access, after.refresh]).not.toContain(before.access);
    expect(after.refresh).not.toBe(before.refresh);
    expect(decoded(after.access).claims['sid']).toBe(decoded(before.access).claims['sid']);
  });

  it('unknown fields → ignored', async () => {
    const { email } = await app.factory.aUser();
    const fields = { ...passwordGrant(email), scope: 'everything', client_id: 'web', nonsense: '1' };
    expect((await app.client.post('/auth/token', write(fields))).status).toBe(200);
  });

  const nobody = passwordGrant('nobody@example.com', 'a password');
  it.each<[string, Record<string, string>, string]>([
    ['no grant_type', { username: 'a@example.com', password: 'a password' }, 'invalid_request'],
    ['an empty grant_type', { ...nobody, grant_type: '' }, 'invalid_request'],
    ['no username', { grant_type: 'password', password: 'a password' }, 'invalid_request'],
    ['no password', { grant_type: 'password', username: 'a@example.com' }, 'invalid_request'],
    ['an empty password', { ...nobody, password: '' }, 'invalid_request'],
    ['no refresh_token', { grant_type: 'refresh_token' }, 'invalid_request'],
    ['nothing but an unknown field', { nonsense: '1' }, 'invalid_request'],
    ['client_credentials', { ...nobody, grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['a grant in capitals', { ...nobody, grant_type: 'PASSWORD' }, 'unsupported_grant_type'],
    ['a name of the object prototype', { ...nobody, grant_type: 'constructor' }, 'unsupported_grant_type'],
  ])('%s → 400 in the form of RFC 6749 §5.2', async (_situation, fields, error) => {
    const reply = await app.client.post('/auth/token', write(fields));
    expect([reply.status, reply.headers['content-type'], reply.headers['cache-control']]).toEqual([
      400,
      expect.stringMatching(/^application\/json\b/),
      'no-store',
    ]);
    expect(reply.body).toEqual({ error, error_description: expect.any(String) });
  });
});

describe('POST /auth/token, bodies of one type alone', () => {
  it.each([
    ['username', 'grant_type=password&username=a@example.com&username=b@example.com&password=x'],
    ['grant_type', 'grant_type=password&grant_type=password&username=a@example.com&password=x'],
    ['refresh_token', 'grant_type=refresh_token&refresh_token=a&refresh_token=b'],
  ])('a form that repeats %s → invalid_request', async (_name, fields) => {
    const reply = await app.client.post('/auth/token', asForm(fields));
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request']);
  });

  it.each<[string, object | string]>([
    ['a number for the password', { ...passwordGrant('a@example.com'), password: 12345678 }],
    ['a list for the username', { ...passwordGrant('a@example.com'), username: ['a@example.com'] }],
    ['an object for the token', { grant_type: 'refresh_token', refresh_token: { toString: 'x' } }],
    ['null for the grant', { ...passwordGrant('a@example.com'), grant_type: null }],
    ['a list for the body', '[]'],
    ['a string for the body', '"grant_type=password"'],
    ['null for the body', 'null'],
  ])('JSON with %s → invalid_request', async (_situation, body) => {
    const reply = await app.client.post('/auth/token', { body });
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request']);
  });

  it('no body at all → invalid_request', async () => {
    const reply = await app.client.post('/auth/token');
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request']);
  });

  it.each<[string, number, string, Ask]>([
    ['malformed JSON', 400, 'request.malformed', { body: '{"grant_type":"password",' }],
    [
      'another media type',
      415,
      'request.unsupported_media_type',
      { body: 'a=b', headers: { 'Content-Type': 'text/plain' } },
    ],
    [
      'a merge patch',
      415,
      'request.unsupported_media_type',
      { body: '{}', headers: { 'Content-Type': 'application/merge-patch+json' } },
    ],
    ['a body over the limit', 413, 'request.too_large', { body: passwordGrant('a@example.com', 'x'.repeat(102_400)) }],
    ['a form over the limit', 413, 'request.too_large', asForm(passwordGrant('a@example.com', 'x'.repeat(102_400)))],
    ['an answer that nobody can read', 406, 'request.not_acceptable', { body: '{}', headers: { Accept: 'text/html' } }],
  ])('%s → %i as problem+json', async (_situation, status, code, ask) => {
    const reply = await app.client.post('/auth/token', ask);
    expect([reply.status, reply.headers['content-type'], reply.body.code]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json\b/),
      code,
    ]);
  });
});

describe('the access token', () => {
  it('sign-in → HS256, the first kid, and the claims iss aud sub exp iat jti sid roles', async () => {
    const user = await app.factory.aUser({ roles: ['customer', 'analyst'] });
    const before = Math.floor(Date.now() / 1_000);
    const { header, claims } = decoded((await signIn(app, user.email)).access);
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k2' });
    expect(claims).toEqual({
      iss: 'plinth',
      aud: 'plinth-api',
      sub: user.id,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(UUID),
      sid: expect.stringMatching(UUID),
      roles: ['customer', 'analyst'],
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(30 * 60);
    expect(Number(claims['iat'])).toBeGreaterThanOrEqual(before);
    expect(Number(claims['iat'])).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('two sign-ins of one user → different jti and sid', async () => {
    const { email } = await app.factory.aUser();
    const [a, b] = [
      decoded((await signIn(app, email)).access).claims,
      decoded((await signIn(app, email)).access).claims,
    ];
    expect(a['jti']).not.toBe(b['jti']);
    expect(a['sid']).not.toBe(b['sid']);
  });

  it('GET /protected with it → a greeting by name', async () => {
    const user = await app.factory.aUser({ name: 'Ada Lovelace' });
    const { access } = await signIn(app, user.email);
    const reply = await app.client.get('/protected', { as: access });
    expect([reply.status, reply.body]).toEqual([200, { message: 'Hello Ada Lovelace' }]);
  });
});

describe('what is stored of tokens', () => {
  it('after sign-in and refresh → no token, only the SHA-256 of the refresh tokens', async () => {
    const first = await signIn(app, (await app.factory.aUser()).email);
    const second = pairOf(await app.client.post('/auth/token', { body: refreshGrant(first.refresh) }));
    const sid = decoded(first.access).claims['sid'];
    const rows: unknown = await app.dataSource.query(
      'SELECT s, t FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE s.id = $1',
      [sid],
    );
    const stored = JSON.stringify(rows);
    for (const secret of [first.access, first.refresh, second.access, second.refresh])
      expect(stored).not.toContain(secret);
    for (const token of [first.refresh, second.refresh]) {
      expect(stored).toContain(createHash('sha256').update(token).digest('base64url'));
    }
  });
});
