import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask } from '../support/api-client.js';
import { TestApp } from '../support/test-app.js';
import { asForm, decoded, forged, INVALID_GRANT, type Pair, pairOf, refresh, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

async function aPair(): Promise<Pair> {
  return signIn(app, (await app.factory.aUser()).email);
}

async function isAlive({ access }: Pair): Promise<boolean> {
  const { status } = await app.client.get('/protected', { as: access });
  expect([200, 401]).toContain(status);
  return status === 200;
}

/** `fields` as the endpoint may be sent them. */
const WRITTEN: readonly [string, (fields: Record<string, string>) => Ask][] = [
  ['form', asForm],
  ['JSON', (fields) => ({ body: fields })],
];

describe.each(WRITTEN)('POST /auth/revoke with a %s body', (_type, write) => {
  it('a refresh token → 200 without a body; both tokens are dead', async () => {
    const pair = await aPair();
    const reply = await app.client.post('/auth/revoke', write({ token: pair.refresh }));
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(await isAlive(pair)).toBe(false);
    expect((await refresh(app, pair.refresh)).text).toBe(INVALID_GRANT);
  });

  it('an access token → 200; both tokens are dead', async () => {
    const pair = await aPair();
    const reply = await app.client.post('/auth/revoke', write({ token: pair.access, token_type_hint: 'access_token' }));
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(await isAlive(pair)).toBe(false);
    expect((await refresh(app, pair.refresh)).text).toBe(INVALID_GRANT);
  });

  it('a wrong hint and unknown fields → the token is found all the same', async () => {
    const pair = await aPair();
    await app.client.post(
      '/auth/revoke',
      write({ token: pair.refresh, token_type_hint: 'access_token', client_id: 'web' }),
    );
    expect(await isAlive(pair)).toBe(false);
  });

  it.each<[string, Record<string, string>]>([
    ['no token', { token_type_hint: 'refresh_token' }],
    ['an empty token', { token: '' }],
  ])('%s → invalid_request', async (_situation, fields) => {
    const reply = await app.client.post('/auth/revoke', write(fields));
    expect([reply.status, reply.headers['content-type'], reply.body.error]).toEqual([
      400,
      expect.stringMatching(/^application\/json\b/),
      'invalid_request',
    ]);
  });
});

describe('POST /auth/revoke', () => {
  it('a token twice → 200 both times', async () => {
    const { refresh: token } = await aPair();
    for (let n = 0; n < 2; n += 1)
      expect((await app.client.post('/auth/revoke', { body: { token } })).status).toBe(200);
  });

  it('a spent token of the family → the session ends', async () => {
    const first = await aPair();
    const second = pairOf(await refresh(app, first.refresh));
    await app.client.post('/auth/revoke', { body: { token: first.refresh } });
    expect(await isAlive(second)).toBe(false);
  });

  it('one session → the other sessions of the user live', async () => {
    const { email } = await app.factory.aUser();
    const [ended, other] = [await signIn(app, email), await signIn(app, email)];
    await app.client.post('/auth/revoke', { body: { token: ended.refresh } });
    expect([await isAlive(ended), await isAlive(other)]).toEqual([false, true]);
  });

  it.each<[string, (pair: Pair) => string]>([
    ['an unknown token', () => 'unknown'],
    ['a token with a NUL', ({ refresh: token }) => `${token}\0`],
    ['a damaged access token', ({ access }) => access.slice(0, -3)],
    ['an access token without a signature', ({ access }) => `${access.split('.').slice(0, 2).join('.')}.`],
    ['an access token signed by somebody else', ({ access }) => forged(access, { key: Buffer.alloc(32, 7) })],
    ['an expired access token', ({ access }) => forged(access, { claims: { exp: 1 } })],
    ['the id of the session', ({ access }) => String(decoded(access).claims['sid'])],
  ])('%s → 200, and nothing ends', async (_situation, spoil) => {
    const pair = await aPair();
    const reply = await app.client.post('/auth/revoke', asForm({ token: spoil(pair) }));
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(await isAlive(pair)).toBe(true);
  });

  it('a repeated token → invalid_request, and nothing ends', async () => {
    const pair = await aPair();
    const form = asForm(`token=${pair.refresh}&token=${pair.access}`);
    const reply = await app.client.post('/auth/revoke', form);
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request']);
    expect(await isAlive(pair)).toBe(true);
  });

  it.each<[string, number, Ask]>([
    ['malformed JSON', 400, { body: '{' }],
    ['another media type', 415, { body: 'token=x', headers: { 'Content-Type': 'text/plain' } }],
    ['a body over the limit', 413, { body: { token: 'x'.repeat(102_400) } }],
  ])('%s → %i as problem+json', async (_situation, status, ask) => {
    const reply = await app.client.post('/auth/revoke', ask);
    expect([reply.status, reply.headers['content-type']]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json\b/),
    ]);
  });
});
