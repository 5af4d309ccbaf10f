import { once } from 'node:events';
import http from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { findProblem } from '@app/problem';
import { Cleanups } from '../support/cleanups.js';
import { FakeUpstream } from '../support/fake-upstream.js';
import { describeWith } from '../support/installed.js';
import { anItem } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';
import { ThrowAwayNginx } from '../support/throw-away-nginx.js';
import { until } from '../support/waiting.js';

const LIMIT_BYTES = 102_400;
const LINES = 'application/x-ndjson';
/** Of 10 ms, in which nothing more was taken. */
const STILL_POLLS = 40;
const MEBIBYTE = Buffer.alloc(1_048_576, 'x');

const forAll = Cleanups.afterAll();
let upstream: FakeUpstream;
let nginx: ThrowAwayNginx;

describeWith('nginx', 'openssl')('bodies through deploy/nginx', () => {
  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    forAll.add(() => upstream.stop());
    nginx = await ThrowAwayNginx.start(upstream.ports);
    forAll.add(() => nginx.remove());
  });
  afterEach(() => upstream.answer());

  interface Ask {
    readonly method?: string;
    readonly headers?: http.OutgoingHttpHeaders;
  }

  /** By plain HTTP, so that what crosses the wire is what the test writes. */
  function begin(path: string, { method = 'GET', headers = {} }: Ask = {}): http.ClientRequest {
    return http.request(nginx.plainUrl, { path, method, headers, agent: false });
  }

  async function answerTo(request: http.ClientRequest): Promise<http.IncomingMessage> {
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    if (!response) throw new Error('no response');
    return response;
  }

  it.each([
    ['at the limit', ['orders', 'application/json', LIMIT_BYTES], [200, 1]],
    ['beyond the limit', ['orders', 'application/json', LIMIT_BYTES + 1], [413, 0]],
    ['to be processed, at the limit', ['process', 'application/json', LIMIT_BYTES], [200, 1]],
    ...[LIMIT_BYTES + 1, 103_000, 110_000, 999_999, 1_000_000].map(
      (length) => ['to be processed, beyond the limit', ['process', 'application/json', length], [413, 0]] as const,
    ),
    ['of 50 MB of lines', ['process', LINES, 50 * MEBIBYTE.length], [200, 1]],
    ['of more lines', ['process', LINES, 50 * MEBIBYTE.length + 1], [413, 0]],
  ] as const)('a body %s → %j: %j', async (_name, [route, type, length], [status, seen]) => {
    const headers = { 'Content-Type': type, 'Content-Length': length };
    const request = begin(`/api/v1/${route}`, { method: 'POST', headers });
    const answering = answerTo(request);
    request.flushHeaders();
    if (status === 200) for (let sent = 0; sent < length; sent += MEBIBYTE.length) request.write(part(length - sent));
    expect([(await answering).statusCode, upstream.seen.length]).toEqual([status, seen]);
    request.destroy();
  });

  const part = (left: number): Buffer => MEBIBYTE.subarray(0, Math.min(left, MEBIBYTE.length));

  it.each(['orders', 'process'])('a body of unknown length beyond the limit for /%s → 413', async (route) => {
    const request = begin(`/api/v1/${route}`, { method: 'POST' });
    request.end(MEBIBYTE.subarray(0, LIMIT_BYTES + 1));
    expect((await answerTo(request)).statusCode).toBe(413);
  });

  it.each([
    [413, 'request.too_large', { method: 'POST', headers: { 'Content-Length': LIMIT_BYTES + 1 } }, '/api/v1/orders'],
    [414, 'request.uri_too_long', {}, `/${'a'.repeat(10_000)}`],
    [400, 'request.malformed', { headers: { 'X-Long': 'a'.repeat(10_000) } }, '/api/v1/orders'],
    [405, 'route.method_not_allowed', { method: 'TRACE' }, '/api/v1/orders'],
    [404, 'route.not_found', {}, '/metrics'],
    [404, 'route.not_found', {}, '//metrics'],
    [404, 'route.not_found', {}, '/%6Detrics'],
    [404, 'route.not_found', {}, '/docs/../metrics'],
    [404, 'route.not_found', {}, '/status'],
    [404, 'route.not_found', {}, '/status.json?x=1'],
  ])('refused by nginx itself → %d %s, a problem of the catalogue', async (status, code, ask: Ask, path) => {
    const request = begin(path, ask);
    if (ask.method === 'POST') request.flushHeaders();
    else request.end();
    const response = await answerTo(request);
    const { headers } = response;
    expect([response.statusCode, headers['content-type']]).toEqual([status, 'application/problem+json']);
    expect(await json(response)).toEqual({
      type: `/problems/${code}`,
      title: findProblem(code)?.title,
      status,
      detail: expect.stringMatching(/\.$/),
      instance: expect.stringMatching(/^\//),
      code,
      requestId: headers['x-request-id'],
    });
    expect([headers['cache-control'], upstream.seen]).toEqual(['no-store', []]);
    request.destroy();
  });

  it('a path that would break a string → named no more, and the problem is JSON', async () => {
    const request = begin('/metrics/%22,%22', {});
    request.end();
    expect(await json(await answerTo(request))).toMatchObject({ status: 404, instance: '/' });
  });

  it('a body to be processed → reaches the server while it is being sent', async () => {
    const arrived = Promise.withResolvers<string>();
    upstream.answer((request, response) => {
      request.once('data', (chunk: Buffer) => arrived.resolve(chunk.toString()));
      request.on('end', () => response.end());
    });
    const request = begin('/api/v1/process', { method: 'POST', headers: { 'Content-Type': LINES } });
    request.write('a line\n');
    expect(await arrived.promise).toBe('a line\n');
    request.end();
    expect((await answerTo(request)).statusCode).toBe(200);
  });

  it('a body to be processed is refused before it came → the refusal arrives', async () => {
    upstream.answer((_, response) => response.writeHead(401).end('who are you?'));
    const request = begin('/api/v1/process', {
      method: 'POST',
      headers: { 'Content-Type': LINES, 'Content-Length': 5 * MEBIBYTE.length },
    });
    request.on('error', () => undefined); // nobody reads on
    request.write(MEBIBYTE);
    expect((await answerTo(request)).statusCode).toBe(401);
    request.destroy();
  });

  it('an event → passed on before the next one comes', async () => {
    const next = Promise.withResolvers<void>();
    upstream.answer(async (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      response.write('data: 1\n\n');
      await next.promise;
      response.end('data: 2\n\n');
    });
    const request = begin('/api/v1/jobs/1/events', { headers: { 'Accept-Encoding': 'gzip' } });
    request.end();
    const response = await answerTo(request);
    const [first]: Buffer[] = await once(response, 'data');
    expect([String(first), response.headers['content-encoding']]).toEqual(['data: 1\n\n', undefined]);
    next.resolve();
    await once(response, 'end');
  });

  it('a slow reader of a long export → the server waits, and nothing is kept', async () => {
    let sent = 0;
    upstream.answer(async (_, response) => {
      response.setMaxListeners(0);
      for (; sent < 200 && !response.destroyed; sent += 1) {
        if (!response.write(MEBIBYTE)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    });
    const request = begin('/api/v1/orders');
    request.end();
    const response = await answerTo(request);
    response.pause();
    let [before, stillness] = [0, 0];
    await until(() => {
      stillness = sent === before ? stillness + 1 : 0;
      before = sent;
      return stillness === STILL_POLLS;
    });
    expect(sent).toBeLessThan(100);
    expect(nginx.errors).not.toContain('temporary file');
    request.destroy();
  });

  it('an answer worth it → compressed, and its tag weak; a short one → as it is', async () => {
    const long = JSON.stringify({ data: 'x'.repeat(5_000) });
    for (const [text, encoding, etag] of [
      [long, 'gzip', 'W/"tag"'],
      ['{}', undefined, '"tag"'],
    ] as const) {
      upstream.answer((_, response) =>
        response
          .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length, ETag: '"tag"' })
          .end(text),
      );
      const request = begin('/api/v1/orders', { headers: { 'Accept-Encoding': 'gzip' } });
      request.end();
      const response = await answerTo(request);
      expect([response.headers['content-encoding'], response.headers.etag]).toEqual([encoding, etag]);
      const body = await buffer(response);
      expect(String(encoding === 'gzip' ? gunzipSync(body) : body)).toBe(text);
      if (encoding === 'gzip') expect(response.headers.vary).toContain('Accept-Encoding');
    }
  });

  it.each([
    ['W/"tag"', '"tag"'],
    ['"tag"', '"tag"'],
    ['*', '*'],
    ['W/"a", W/"b"', 'W/"a", W/"b"'],
    ['W/"', 'W/"'],
  ])('If-Match: %s → the server is told %s', async (given, told) => {
    const request = begin('/api/v1/orders', { headers: { 'If-Match': given } });
    request.end();
    await buffer(await answerTo(request));
    expect(upstream.seen[0]?.headers['if-match']).toBe(told);
  });

  it('a compressed order is read and changed with the tag that came → changed once, then 412', async () => {
    const app = await TestApp.start({ TRUST_PROXY: '1' });
    forAll.add(() => app.stop());
    const front = await ThrowAwayNginx.start([Number(new URL(app.client.url).port)]);
    forAll.add(() => front.remove());
    const { token } = await app.factory.signedIn();
    const items = Array.from({ length: 20 }, (_, index) => anItem({ sku: `SKU-${index}` }));
    const placed = await app.client.post('/orders', { as: token, body: { currency: 'USD', items } });
    const url = `${front.url}/api/v1/orders/${placed.body.id}`;
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const read = await fetch(url, { headers }); // asks for gzip by itself
    const tag = read.headers.get('etag') ?? '';
    expect([read.headers.get('content-encoding'), tag]).toEqual(['gzip', `W/${placed.headers['etag']}`]);
    const unchanged = await fetch(url, { headers: { ...headers, 'If-None-Match': tag } });
    expect(unchanged.status).toBe(304);
    const change = () =>
      fetch(url, { method: 'PATCH', headers: { ...headers, 'If-Match': tag }, body: '{"note":"changed"}' });
    expect([(await change()).status, (await change()).status]).toEqual([200, 412]);
  });
});
