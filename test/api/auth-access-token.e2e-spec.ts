import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { TestApp } from '../support/test-app.js';
import { forged, type Forgery, testKey } from '../support/tokens.js';

let app: TestApp;
let genuine: string;
beforeAll(async () => {
  app = await TestApp.start();
  genuine = (await app.factory.signedIn()).token;
});
afterAll(() => app.stop());

const INVALID = {
  status: 401,
  challenge: 'Bearer error="invalid_token"',
  code: 'auth.token_invalid',
  cache: 'no-store',
};
const MISSING = { status: 401, challenge: 'Bearer', code: 'auth.token_missing', cache: 'no-store' };

function told({ status, headers, body }: Reply): typeof INVALID {
  return {
    status,
    challenge: headers['www-authenticate'] ?? '',
    code: body.code,
    cache: headers['cache-control'] ?? '',
  };
}

const now = (): number => Math.floor(Date.now() / 1_000);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('tokens that are accepted', () => {
  it.each<[string, Forgery]>([
    ['the signing key', {}],
    ['the key on its way out', { header: { kid: 'k1' }, key: 'k1' }],
    ['an audience among others', { claims: { aud: ['another', 'plinth-api'] } }],
  ])('%s → 200', async (_situation, forgery) => {
    expect((await app.client.get('/protected', { as: forged(genuine, forgery) })).status).toBe(200);
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('the scheme written %p → 200', async (scheme) => {
    const reply = await app.client.get('/protected', { headers: { Authorization: `${scheme} ${genuine}` } });
    expect(reply.status).toBe(200);
  });
});

describe('tokens that are refused', () => {
  it.each<[string, Forgery]>([
    ['alg none with a signature', { header: { alg: 'none' } }],
    ['HS512 with our key', { header: { alg: 'HS512' }, hash: 'sha512' }],
    ['HS384 with our key', { header: { alg: 'HS384' }, hash: 'sha384' }],
    ['RS256 named, HMAC made', { header: { alg: 'RS256' } }],
    ['alg in small letters', { header: { alg: 'hs256' } }],
    ['alg missing', { header: { alg: undefined } }],
    ['alg as a list', { header: { alg: ['HS256'] } }],
    ['a foreign key under our kid', { key: Buffer.alloc(32, 1) }],
    ['an empty key under our kid', { key: Buffer.alloc(0) }],
    ['the kid of our other key', { header: { kid: 'k1' }, key: 'k2' }],
    ['a foreign kid', { header: { kid: 'k9' } }],
    ['no kid', { header: { kid: undefined } }],
    ['a kid that is a path', { header: { kid: '../../dev/null' }, key: Buffer.alloc(0) }],
    ['a kid that is no string', { header: { kid: ['k2'] } }],
    ['a kid of the object prototype', { header: { kid: '__proto__' }, key: Buffer.alloc(0) }],
    ['another issuer', { claims: { iss: 'somebody' } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['another audience', { claims: { aud: 'another-api' } }],
    ['no audience', { claims: { aud: undefined } }],
    ['expired a second ago', { claims: { exp: now() - 1 } }],
    ['no exp', { claims: { exp: undefined } }],
    ['an exp that is a text', { claims: { exp: String(now() + 600) } }],
    ['not valid yet', { claims: { nbf: now() + 600 } }],
    ['no sid', { claims: { sid: undefined } }],
    ['a sid that is no text', { claims: { sid: 1 } }],
    ['no sub', { claims: { sub: undefined } }],
    ['no roles', { claims: { roles: undefined } }],
    ['roles that are a text', { claims: { roles: 'customer admin' } }],
  ])('%s → 401 invalid_token', async (_situation, forgery) => {
    expect(told(await app.client.get('/protected', { as: forged(genuine, forgery) }))).toEqual(INVALID);
  });

  it('alg none and no signature → 401 invalid_token', async () => {
    const [, claims] = genuine.split('.');
    for (const alg of ['none', 'None', 'HS256']) {
      const as = `${part({ alg, typ: 'JWT', kid: 'k2' })}.${claims}.`;
      expect(told(await app.client.get('/protected', { as }))).toEqual(INVALID);
    }
  });

  it('RS256 by a key that the token brings along → 401 invalid_token', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const head = part({ alg: 'RS256', typ: 'JWT', kid: 'k2', jwk: publicKey.export({ format: 'jwk' }) });
    const signed = `${head}.${genuine.split('.')[1]}`;
    const as = `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    expect(told(await app.client.get('/protected', { as }))).toEqual(INVALID);
  });

  it.each<[string, (head: string, claims: string, signature: string) => string]>([
    [
      'other claims under the signature',
      (head, _c, signature) => `${head}.${part({ sub: 'x', roles: ['admin'] })}.${signature}`,
    ],
    [
      'another header over the signature',
      (_h, claims, signature) => `${part({ alg: 'HS256', kid: 'k2' })}.${claims}.${signature}`,
    ],
    [
      'one bit of the signature flipped',
      (head, claims, signature) => `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    ],
    ['the signature cut', (head, claims, signature) => `${head}.${claims}.${signature.slice(0, -1)}`],
    ['a fourth part', (head, claims, signature) => `${head}.${claims}.${signature}.x`],
    ['two parts', (head, claims) => `${head}.${claims}`],
    ['dots alone', () => '..'],
    ['no dot', () => 'nonsense'],
    ['a header that is no JSON', (_h, claims, signature) => `bm9uc2Vuc2U.${claims}.${signature}`],
    ['a header that is null', (_h, claims, signature) => `${part(null)}.${claims}.${signature}`],
    ['claims that are no JSON', (head, _c, signature) => `${head}.bm9uc2Vuc2U.${signature}`],
    ['claims that are null', (head, _c, signature) => `${head}.${part(null)}.${signature}`],
    ['10,000 characters', (head) => `${head}.${'x'.repeat(10_000)}.x`],
  ])('%s → 401 invalid_token', async (_situation, spoil) => {
    const [head = '', claims = '', signature = ''] = genuine.split('.');
    expect(told(await app.client.get('/protected', { as: spoil(head, claims, signature) }))).toEqual(INVALID);
  });

  it('claims of another type, truly signed → 401 invalid_token', async () => {
    for (const claims of ['text', 7, ['admin']]) {
      const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'k2' })}.${part(claims)}`;
      const as = `${signed}.${createHmac('sha256', testKey('k2')).update(signed).digest('base64url')}`;
      expect(told(await app.client.get('/protected', { as }))).toEqual(INVALID);
    }
  });
});

describe('requests without a bearer token', () => {
  it.each<[string, Record<string, string>]>([
    ['no Authorization', {}],
    ['another scheme', { Authorization: 'Basic dXNlcjpwYXNz' }],
    ['a scheme that only begins so', { Authorization: 'Bearers x.y.z' }],
    ['the scheme alone', { Authorization: 'Bearer' }],
  ])('%s → 401 with a bare challenge', async (_situation, headers) => {
    expect(told(await app.client.get('/protected', { headers }))).toEqual(MISSING);
  });

  it.each(['access_token', 'token', 'auth_token'])('the token in ?%s → not looked at, 401', async (name) => {
    expect(told(await app.client.get(`/protected?${name}=${genuine}`))).toEqual(MISSING);
  });

  it('the token in a cookie or in the body → not looked at, 401', async () => {
    expect(told(await app.client.get('/protected', { headers: { Cookie: `access_token=${genuine}` } }))).toEqual(
      MISSING,
    );
    const reply = await app.client.put('/auth/password', { body: { access_token: genuine } });
    expect(told(reply)).toEqual(MISSING);
  });

  it('a HEAD → 401 without a body', async () => {
    const reply = await app.client.head('/protected');
    expect([reply.status, reply.headers['www-authenticate'], reply.text]).toEqual([401, 'Bearer', '']);
  });

  it('a public route with a broken token → the token is not looked at', async () => {
    expect((await app.client.get('//health/ready', { as: 'nonsense' })).status).toBe(200);
  });
});
