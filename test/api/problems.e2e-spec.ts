import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask, Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

/** Codes that clients switch on: a change of one of them breaks somebody. */
const CONTRACT = {
  'request.malformed': 400,
  'request.invalid': 422,
  'request.unsupported_media_type': 415,
  'request.not_acceptable': 406,
  'request.too_large': 413,
  'route.not_found': 404,
  'route.method_not_allowed': 405,
  'user.not_found': 404,
  'order.not_found': 404,
  'transaction.not_found': 404,
  'session.not_found': 404,
  'problem.not_found': 404,
  'auth.token_missing': 401,
  'auth.token_invalid': 401,
  'auth.forbidden': 403,
  'auth.wrong_password': 422,
  'precondition.required': 428,
  'precondition.failed': 412,
  'cursor.invalid': 422,
  'user.email_taken': 409,
  'user.not_deleted': 409,
  'order.transition_not_allowed': 409,
  'order.not_editable': 409,
  'payment.exceeds_due': 422,
  'refund.exceeds_paid': 422,
  'conflict.concurrent_update': 409,
  'service.unavailable': 503,
  'server.internal': 500,
} as const;

interface Page {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly description: string;
}

let app: TestApp;
let user: SignedIn;
let pages: readonly Page[];
beforeAll(async () => {
  app = await TestApp.start();
  user = await app.factory.signedIn();
  pages = (await app.client.get('//problems')).body.data;
});
afterAll(() => app.stop());

const html = (path: string, accept = 'text/html'): Promise<Reply> =>
  app.client.get(path, { headers: { Accept: accept } });

describe('the catalogue', () => {
  it.each(Object.entries(CONTRACT))('%s → is %s, and has a page', async (code, status) => {
    const page = (await app.client.get(`//problems/${code}`)).body;
    expect(page).toEqual({
      code,
      status,
      title: expect.stringMatching(/^[A-Z]/),
      description: expect.stringMatching(/\.$/),
    });
    expect(pages).toContainEqual(page);
  });

  it('every problem that the source defines → is in it, and nothing else', () => {
    const sources = globSync(['apps/api/src/**/*.ts', 'libs/*/src/**/*.ts']).filter(
      (file) => !file.endsWith('.spec.ts'),
    );
    const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n');
    const defined = [...text.matchAll(/defineProblem\(\{\s*code: '([^']+)'/g)].map(([, code]) => code);
    expect(defined.length).toBeGreaterThanOrEqual(Object.keys(CONTRACT).length);
    expect(pages.map(({ code }) => code)).toEqual(defined.toSorted());
  });

  it('every code that the OpenAPI document names → has a page', () => {
    const named = new Set(
      [...readFileSync('openapi.json', 'utf8').matchAll(/\/problems\/([a-z_]+\.[a-z_]+)/g)].map(([, code]) => code),
    );
    expect(named.size).toBeGreaterThan(20);
    expect([...named].filter((code) => !pages.some((page) => page.code === code))).toEqual([]);
  });

  it.each(['order.unknown', 'constructor', '__proto__', 'order.not_found.', 'ORDER.NOT_FOUND', 'order.not_found%00'])(
    '%s → 404',
    async (code) => {
      const reply = await app.client.get(`//problems/${code}`);
      expect([reply.status, reply.body.code]).toEqual([404, 'problem.not_found']);
    },
  );
});

describe('the pages for people', () => {
  it('the list → a document with each code, linked', async () => {
    const { status, headers, text } = await html('//problems');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect([...text.matchAll(/href="\/problems\/([^"]+)"/g)].map(([, code]) => code)).toEqual(
      pages.map(({ code }) => code),
    );
  });

  it.each(Object.keys(CONTRACT))('%s → a document whose words are all shown', async (code) => {
    const { status, text } = await html(`//problems/${code}`);
    const page = pages.find((candidate) => candidate.code === code);
    expect(status).toBe(200);
    expect(text).toMatch(/^<!doctype html>\s+<html lang="en">/);
    expect(shownBy(text)).toContain(page?.description.replaceAll('`', ''));
    expect(shownBy(text)).toContain(`${code} · ${page?.status}`);
  });

  it('an unknown code → a problem document all the same', async () => {
    const reply = await html('//problems/order.unknown');
    expect([reply.status, reply.headers['content-type']]).toEqual([404, 'application/problem+json; charset=utf-8']);
  });

  it.each([
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['anything', '*/*', 'application/json'],
    ['JSON rather', 'text/html;q=0.5, application/json', 'application/json'],
  ])('Accept of %s → %s', async (_situation, accept, type) => {
    for (const path of ['//problems', '//problems/order.not_found']) {
      expect((await html(path, accept)).headers['content-type']).toBe(`${type}; charset=utf-8`);
    }
  });
});

describe('a problem document', () => {
  const refusals: readonly (readonly [string, number, string, Ask])[] = [
    ['GET', 404, '//nowhere?x=1&token=secret', {}],
    ['PUT', 405, '/users?x=1', {}],
    ['GET', 401, '/users/me?x=1', {}],
    ['GET', 401, '/users/me', { as: 'x.y.z' }],
    ['POST', 415, '/users?x=1', { body: 'x', headers: { 'Content-Type': 'text/plain' } }],
    ['POST', 400, '/users?x=1', { body: '{', headers: { 'Content-Type': 'application/json' } }],
    ['GET', 406, '//problems?x=1', { headers: { Accept: 'image/png' } }],
    ['POST', 422, '/users', { body: { name: '' } }],
  ];

  it.each(refusals)('%s → %s', async (method, status, path, ask) => {
    const reply = await app.client.send(method, path, ask);
    const { type, title, detail, instance, code, requestId, errors, ...rest } = reply.body;
    expect([reply.status, reply.body.status, rest]).toEqual([status, status, { status }]);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(instance).toBe((path.startsWith('//') ? path.slice(1) : `/api/v1${path}`).split('?')[0]);
    expect(requestId).toBe(reply.headers['x-request-id']);
    expect(detail).toMatch(/\.$/);
    expect(errors === undefined).toBe(status !== 422);
    expect((await app.client.get(`/${type}`)).body).toMatchObject({ code, title, status });
  });

  it('refused input → each part with its place, code and words', async () => {
    const body = {
      currency: 'USD',
      items: [{ sku: 'A', name: 'a', quantity: 0, unitPriceCents: 1, colour: 'red' }],
      'a/b': 1,
    };
    const reply = await app.client.post('/orders', { as: user.token, body });
    expect(reply.body.detail).toBe('3 parts of the input are refused.');
    expect(reply.body.errors).toHaveLength(3);
    expect(reply.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/a~1b', code: 'unknown_property', detail: 'a/b is not known here.' },
        { pointer: '/items/0/colour', code: 'unknown_property', detail: 'colour is not known here.' },
        { pointer: '/items/0/quantity', code: 'integer', detail: 'quantity must be a whole number from 1 to 1000.' },
      ]),
    );
  });

  it('one part refused → its words are the detail', async () => {
    const reply = await app.client.get('/orders?limit=0', { as: user.token });
    expect(reply.body.detail).toBe('limit must be a whole number from 1 to 100.');
    expect(reply.body.errors).toEqual([
      { in: 'query', parameter: 'limit', code: 'integer', detail: reply.body.detail },
    ]);
  });
});

/** The text of a document as a browser shows it; unescaped signs would have become tags and be gone. */
function shownBy(document: string): string {
  const text = document.replaceAll(/<\/?[a-z!][^>]*>/gi, '');
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
