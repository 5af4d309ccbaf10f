import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.stop());

/** Sends a head, and the body only when it is asked for; resolves with all that came back until the server closed. */
function talk(head: readonly string[], body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(app.client.url);
    const socket = connect(Number(port), hostname, () => socket.write([...head, '', ''].join('\r\n')));
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      if (heard === '' && chunk.toString().startsWith('HTTP/1.1 100')) socket.write(body);
      heard += chunk.toString();
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

function register(contentLength: number, ...more: readonly string[]): string[] {
  const fixed = ['POST /api/v1/users HTTP/1.1', 'Host: test', 'Content-Type: application/json', 'Connection: close'];
  return [...fixed, `Content-Length: ${contentLength}`, ...more];
}

describe('what is too large', () => {
  it('a body announced as too large → 413 at once, though none of it was sent', async () => {
    const answer = await talk(register(99_999_999), '');
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"request\.too_large"/s);
  });

  it('the same, asking first → 413, and not told to continue', async () => {
    const answer = await talk(register(99_999_999, 'Expect: 100-continue'), '');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a body that is welcome, asking first → told to continue, then answered', async () => {
    const body = JSON.stringify({ name: 'Asks First', email: 'asks-first@example.com', password: 'quite a long one' });
    const answer = await talk(register(body.length, 'Expect: 100-continue'), body);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  it.each([
    ['of 8192 bytes, the most there may be', 8_192, [401, 'auth.token_missing']],
    ['of a byte more', 8_193, [414, 'request.uri_too_long']],
  ])('a URL %s → %s', async (_situation, length, expected) => {
    const path = '/api/v1/users?x=';
    const { status, body } = await rawRequest(app.client, { target: path + 'a'.repeat(length - path.length) });
    expect([status, body.code]).toEqual(expected);
  });

  it('a URL too long for a path that nobody knows → 414', async () => {
    const { status } = await rawRequest(app.client, { target: `/${'a'.repeat(9_000)}` });
    expect(status).toBe(414);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['an unknown method', ['FOO / HTTP/1.1', 'Host: test'], 400, 'request.malformed'],
    [
      'two lengths',
      ['POST / HTTP/1.1', 'Host: test', 'Content-Length: 1', 'Content-Length: 2'],
      400,
      'request.malformed',
    ],
    [
      'a length and chunks',
      ['POST / HTTP/1.1', 'Host: test', 'Content-Length: 1', 'Transfer-Encoding: chunked'],
      400,
      'request.malformed',
    ],
    [
      'a header of 20 kB',
      ['GET / HTTP/1.1', 'Host: test', `X-Long: ${'a'.repeat(20_000)}`],
      431,
      'request.head_too_large',
    ],
  ] as const)('%s → refused as a problem with its request id', async (_situation, head, status, code) => {
    const answer = /^HTTP\/1\.1 (\d+) .*X-Request-ID: ([\w-]+).*"code":"([^"]+)"/s.exec(await talk(head, '')) ?? [];
    const [line] = app.log.of(answer[2]);
    expect([answer[1], answer[3], line?.['message']]).toEqual([`${status}`, code, 'not a readable request']);
  });
});

describe('Accept with a charset', () => {
  it.each([
    ['application/json; charset=utf-8', 200],
    ['application/json;charset=UTF-8', 200],
    ['application/json; charset=iso-8859-1', 406],
  ])('%s → %d', async (accept, status) => {
    const user = await app.factory.signedIn();
    expect((await app.client.get('/users/me', { as: user.token, headers: { Accept: accept } })).status).toBe(status);
  });

  it('text/html; charset=utf-8 of a problem page → the page', async () => {
    const page = await app.client.get('//problems/order.not_found', {
      headers: { Accept: 'text/html; charset=utf-8' },
    });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  });
});
