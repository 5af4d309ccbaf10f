import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;

const PAGE = 'https://shop.plinth.test';
const preflight = (origin: string) =>
  rawRequest(app.client, {
    method: 'OPTIONS',
    target: '/api/v1/orders',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
    },
  });

const statusOf = async (target: string, headers: Record<string, string>): Promise<unknown[]> => {
  const { status, body } = await rawRequest(app.client, { target, headers });
  return [status, body?.code];
};

describe('TRUSTED_HOSTS', () => {
  afterEach(() => app.stop());

  it('another Host → 421 before anything else, but health checks ask as they like', async () => {
    app = await TestApp.start({ TRUSTED_HOSTS: 'api.plinth.test,10.0.0.1:8080,[::1]' });
    const refused = [421, 'request.misdirected'];
    for (const [host, expected] of [
      ['api.plinth.test', [401, 'auth.token_missing']],
      ['API.plinth.test:3000', [401, 'auth.token_missing']],
      ['10.0.0.1:8080', [401, 'auth.token_missing']],
      ['[::1]:3000', [401, 'auth.token_missing']],
      ['10.0.0.1', refused],
      ['10.0.0.1:8081', refused],
      ['evil.test', refused],
      ['api.plinth.test.evil.test', refused],
      ['xapi.plinth.test', refused],
      ['api.plinth.test@evil.test', refused],
    ] as const) {
      expect([host, await statusOf('/api/v1/users/me', { Host: host })]).toEqual([host, expected]);
      expect([host, await statusOf('/health/ready', { Host: host })]).toEqual([host, [200, undefined]]);
    }
    const longUrl = `/api/v1/${'x'.repeat(9_000)}`;
    expect(await statusOf(longUrl, { Host: 'evil.test' })).toEqual(refused);
    const forwarded = { Host: 'evil.test', 'X-Forwarded-Host': 'api.plinth.test' };
    expect(await statusOf('/docs', forwarded)).toEqual(refused);
  });
});

describe('HTTPS_ONLY', () => {
  afterEach(() => app.stop());

  it('behind a proxy → its X-Forwarded-Proto decides; probes come from within', async () => {
    app = await TestApp.start({ HTTPS_ONLY: 'on', TRUST_PROXY: '1' });
    const refused = [403, 'request.https_required'];
    expect(await statusOf('/api/v1/protected', {})).toEqual(refused);
    expect(await statusOf('/api/v1/protected', { 'X-Forwarded-Proto': 'http' })).toEqual(refused);
    expect(await statusOf('/api/v1/protected', { 'X-Forwarded-Proto': 'https' })).toEqual([401, 'auth.token_missing']);
    expect(await statusOf('/health/live', {})).toEqual([200, undefined]);
    const { headers } = await rawRequest(app.client, { target: '/docs', headers: { 'X-Forwarded-Proto': 'https' } });
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });

  it('without a proxy that is trusted → what a caller says of himself counts for nothing', async () => {
    app = await TestApp.start({ HTTPS_ONLY: 'on' });
    expect(await statusOf('/docs', { 'X-Forwarded-Proto': 'https' })).toEqual([403, 'request.https_required']);
  });
});

describe('headers for browsers', () => {
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it.each([
    ['/api/v1/nowhere', "default-src 'none';frame-ancestors 'none'"],
    ['/problems', "default-src 'none';script-src 'self';style-src 'self';"],
    ['/docs', "default-src 'none';script-src 'self';style-src 'self' 'unsafe-hashes' 'sha256-"],
  ])('%s → %s', async (target, policy) => {
    const { headers } = await rawRequest(app.client, { target, headers: { Accept: 'text/html' } });
    expect(headers['content-security-policy']).toContain(policy);
    expect(headers['content-security-policy']).not.toMatch(/unsafe-(inline|eval)|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['strict-transport-security']).toBeUndefined(); // this one speaks HTTP
  });

  it('no origins → nothing of it', async () => {
    expect((await preflight(PAGE)).status).toBe(405);
    const { headers } = await rawRequest(app.client, { target: '/api/v1/users/me', headers: { Origin: PAGE } });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('CORS_ORIGINS', () => {
  beforeAll(async () => {
    app = await TestApp.start({ CORS_ORIGINS: `${PAGE},https://other.plinth.test` });
  });
  afterAll(() => app.stop());

  it('a page of the list → may ask first, call, and read the headers of the contract, of errors too', async () => {
    const asked = await preflight(PAGE);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-allow-headers': 'authorization,content-type,idempotency-key',
    });
    const { headers } = await rawRequest(app.client, { target: '/api/v1/users/me', headers: { Origin: PAGE } });
    expect(headers['access-control-allow-origin']).toBe(PAGE);
    expect(headers['vary']).toMatch(/\bOrigin\b/);
    const exposed = (headers['access-control-expose-headers'] ?? '').toLowerCase().split(',');
    for (const name of ['etag', 'link', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id']) {
      expect(exposed).toContain(name);
    }
    expect(exposed).toEqual(expect.arrayContaining(['cache-status', 'idempotent-replayed', 'content-disposition']));
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('a page of elsewhere → its browser learns nothing of leave', async () => {
    for (const origin of ['https://evil.test', `${PAGE}.evil.test`, 'null', 'http://shop.plinth.test']) {
      expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('a cached answer → the Vary of the contract is kept beside Origin', async () => {
    const { id, token } = await app.factory.signedIn();
    for (const level of ['uri-miss', 'hit']) {
      const reply = await app.client.get(`/users/${id}`, { as: token, headers: { Origin: PAGE } });
      expect(reply.headers['cache-status']).toContain(level);
      expect(reply.headers['vary']).toBe('Origin, Authorization, Accept');
    }
  });
});
