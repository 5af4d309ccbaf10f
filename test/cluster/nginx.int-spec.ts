import { once } from 'node:events';
import fs from 'node:fs';
import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { FakeUpstream } from '../support/fake-upstream.js';
import { describeWith } from '../support/installed.js';
import { ThrowAwayNginx } from '../support/throw-away-nginx.js';
import { freePort } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';
import { Wire, type WireAnswer } from '../support/wire.js';

/** Each test of a retry costs one server a failure; three within 2 s would leave it out. */
const SERVERS = 24;
const ID = '01890000-0000-7000-8000-000000000000';
const KEY = { 'Idempotency-Key': 'a-key' };

const forAll = Cleanups.afterAll();
let upstream: FakeUpstream;
let nginx: ThrowAwayNginx;
let wire: Wire;

describeWith('nginx', 'openssl')('deploy/nginx', () => {
  beforeAll(async () => {
    upstream = await FakeUpstream.start(SERVERS);
    forAll.add(() => upstream.stop());
    nginx = await ThrowAwayNginx.start(upstream.ports);
    forAll.add(() => nginx.remove());
    wire = new Wire(nginx.url);
    forAll.add(() => wire.close());
  });
  afterEach(() => upstream.answer());

  interface Operation {
    readonly parameters?: readonly { readonly name: string }[];
  }

  /** Every POST that the contract knows, and whether it takes keys. */
  function documentedPosts(): readonly { path: string; takesKey: boolean }[] {
    const { paths }: { paths: Record<string, Record<string, Operation>> } = JSON.parse(
      fs.readFileSync('openapi.json', 'utf8'),
    );
    return Object.entries(paths).flatMap(([path, { post }]) => {
      const takesKey = post?.parameters?.some(({ name }) => name === 'Idempotency-Key') ?? false;
      return post ? [{ path: path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, ID), takesKey }] : [];
    });
  }

  async function timesSeen(method: string, path: string, headers = {}): Promise<[number, number]> {
    upstream.dieOnce();
    const { status } = await wire.send(method, path, { headers, ...(method !== 'GET' && { body: { some: 'body' } }) });
    return [status, upstream.seen.length];
  }

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('a server dies over a %s → another answers', async (method) => {
    expect(await timesSeen(method, '/orders')).toEqual([200, 2]);
  });

  it.each([
    ['POST', '/orders', {}],
    ['PATCH', `/orders/${ID}`, { 'If-Match': '"1"' }],
    ['PATCH', `/orders/${ID}`, KEY],
    ['POST', '/process', { ...KEY, 'Content-Type': 'application/x-ndjson' }],
  ])('a server dies over a %s %s %j → not sent again', async (method, path, headers) => {
    expect(await timesSeen(method, path, headers)).toEqual([503, 1]);
  });

  it('a server dies over a POST with a key → sent again where keys are kept, and nowhere else', async () => {
    const posts = documentedPosts();
    expect(posts.filter(({ takesKey }) => takesKey).length).toBeGreaterThan(5);
    for (const { path, takesKey } of posts) {
      const expected = takesKey ? [200, 2] : [503, 1];
      expect([path, ...(await timesSeen('POST', path, KEY))]).toEqual([path, ...expected]);
    }
  });

  it('a POST is sent again → with its method, its body and its key', async () => {
    const bodies: string[] = [];
    upstream.answer(async (request, response) => {
      bodies.push(
        `${request.method} ${request.url} ${String(request.headers['idempotency-key'])} ${await text(request)}`,
      );
      if (bodies.length === 1) request.socket.destroy();
      else response.end();
    });
    await wire.post('/orders?x=%2F', { body: { a: 'ü' }, headers: KEY });
    expect(bodies).toEqual(Array(2).fill('POST /api/v1/orders?x=%2F a-key {"a":"ü"}'));
  });

  it.each([503, 500, 429])('a server answers %d → passed on as it is, and no other is asked', async (status) => {
    const body = JSON.stringify({ code: 'its.own' });
    upstream.answer((_, response) => response.writeHead(status, { 'Retry-After': '7' }).end(body));
    for (const answer of [await wire.get('/orders'), await wire.post('/orders', { headers: KEY })]) {
      expect([answer.status, answer.headers['retry-after'], answer.body]).toEqual([status, '7', { code: 'its.own' }]);
    }
    expect(upstream.seen).toHaveLength(2);
  });

  const problemOf = ({ status, headers, body }: WireAnswer) => [status, headers['retry-after'], body.code, body.detail];

  it('a POST without a key is lost → 503 that does not invite to repeat it', async () => {
    upstream.dieOnce();
    const problem = problemOf(await wire.post('/orders', { body: {} }));
    expect(problem).toEqual([503, undefined, 'service.unavailable', expect.stringContaining('may have taken effect')]);
  });

  it('no server is there → 503 with Retry-After, whatever was asked', async () => {
    const alone = await ThrowAwayNginx.start([await freePort(), await freePort()]);
    forAll.add(() => alone.remove());
    const lonely = new Wire(alone.url);
    forAll.add(() => lonely.close());
    for (const method of ['GET', 'POST', 'PATCH']) {
      const problem = problemOf(await lonely.send(method, '/orders', {}));
      expect(problem).toEqual([503, '1', 'service.unavailable', 'No server can answer at the moment.']);
    }
    expect(alone.errors).toContain('Connection refused');
  });

  it('forged headers of a proxy → the servers are told the truth', async () => {
    const forged = {
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'ftp',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Port': '1',
      'X-Real-IP': '203.0.113.9',
      Forwarded: 'for=203.0.113.9',
    };
    const plain = new Wire(nginx.plainUrl);
    await wire.get('/orders', { headers: forged });
    await plain.get('/orders', { headers: { ...forged, Host: 'api.plinth.test:8080' } });
    plain.close();
    const told = upstream.seen.map(({ headers }) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:x-forw|x-real|forw|host)/.test(name))),
    );
    expect(told).toEqual([
      { host: new URL(nginx.url).host, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
      { host: 'api.plinth.test:8080', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
    ]);
  });

  it('X-Request-ID → passed on if it is one, made otherwise, and in the log line', async () => {
    await wire.get('/orders', { headers: { 'X-Request-ID': 'mine-1.2_3' } });
    await wire.get('/orders', { headers: { 'X-Request-ID': 'no "id"' } });
    await wire.get('/orders');
    const ids = upstream.seen.map(({ headers }) => String(headers['x-request-id']));
    expect(ids).toEqual(['mine-1.2_3', expect.stringMatching(/^[\da-f]{32}$/), expect.stringMatching(/^[\da-f]{32}$/)]);
    const line = () => nginx.lines.find(({ request_id: id }) => id === ids[2]);
    await until(() => line() !== undefined);
    expect(line()).toMatchObject({ method: 'GET', path: '/api/v1/orders', status: '200', remote_address: '127.0.0.1' });
  });

  it('HSTS → said once by HTTPS, with problems too, and never by plain HTTP', async () => {
    const hsts = 'max-age=63072000; includeSubDomains';
    const missing = await fetch(`${nginx.url}/metrics`);
    const plain = await fetch(`${nginx.plainUrl}/api/v1/orders`);
    expect((await wire.get('/orders')).headers['strict-transport-security']).toBe(hsts);
    expect(missing.headers.get('strict-transport-security')).toBe(hsts);
    expect(plain.headers.get('strict-transport-security')).toBeNull();
  });

  it('plain HTTP on the port for it → sent to HTTPS, method kept', async () => {
    const answer = await fetch(`${nginx.redirectUrl}/api/v1/orders?x=1`, { method: 'POST', redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://127.0.0.1/api/v1/orders?x=1']);
    expect(answer.headers.get('server')).toBe('nginx');
  });

  it('HTTP/2 → spoken', async () => {
    const session = http2.connect(nginx.url);
    const stream = session.request({ ':path': '/api/v1/orders' });
    const [headers]: http2.IncomingHttpHeaders[] = await once(stream, 'response');
    expect([session.alpnProtocol, headers?.[':status'], await text(stream)]).toEqual(['h2', 200, 'ok']);
    session.close();
  });

  it.each([
    ['TLS 1.2 with a cipher of yesterday', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }, undefined],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    ['TLS 1.3', {}, 'TLSv1.3'],
  ] as const)('%s → %j gives %s', async (_name, options, expected) => {
    const socket = tls.connect({ host: '127.0.0.1', port: Number(new URL(nginx.url).port), ...options });
    const protocol = await once(socket, 'secureConnect').then(
      () => socket.getProtocol(),
      () => undefined,
    );
    socket.destroy();
    expect(protocol).toBe(expected);
  });
});
