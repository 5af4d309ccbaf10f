import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { pointersOf } from '../support/orders.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const LIMIT_BYTES = 102_400;

let app: TestApp;
let user: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  user = await app.factory.signedIn();
});
afterAll(() => app.stop());

const post = (body: Buffer | string | readonly string[], headers: Record<string, string> = JSON_TYPE) =>
  rawRequest(app.client, { method: 'POST', target: '/api/v1/users', headers, body });

const patch = (body: Buffer | string | readonly string[], headers: Record<string, string> = {}) =>
  rawRequest(app.client, {
    method: 'PATCH',
    target: `/api/v1/users/${user.id}`,
    headers: { Authorization: `Bearer ${user.token}`, 'If-Match': '*', ...headers },
    body,
  });

const aRegistration = (members: object = {}): string =>
  JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery', ...members });

describe('a body that cannot be read → 400', () => {
  it.each([
    ['cut off', '{"name":"Ada"'],
    ['with single quotes', "{'name':'Ada'}"],
    ['with a comma too many', '{"name":"Ada",}'],
    ['with a comment', '{"name":"Ada"}//'],
    ['two values', '{} {}'],
    ['NaN', 'NaN'],
    ['blanks', '  '],
    ['a line break in a string', '{"name":"A\nda"}'],
    ['a byte that is not UTF-8', Buffer.from('{"name":"\xff"}', 'latin1')],
    ['an overlong form in UTF-8', Buffer.from('{"name":"\xc0\x80"}', 'latin1')],
    ['a surrogate in UTF-8', Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1')],
  ])('%s', async (_situation, body) => {
    const reply = await post(body);
    expect([reply.status, reply.body.code]).toEqual([400, 'request.malformed']);
    expect(reply.text).not.toMatch(/Unexpected|position|JSON\.parse/);
  });

  it('gzip by its header, but not by its bytes', async () => {
    const reply = await post(aRegistration(), { ...JSON_TYPE, 'Content-Encoding': 'gzip' });
    expect([reply.status, reply.body.code]).toEqual([400, 'request.malformed']);
  });

  it.each([
    ['a broken percent-encoding', 'grant_type=password&username=%zz&password=x'],
    ['an encoded byte that is not UTF-8', 'grant_type=password&username=%ff&password=x'],
    ['a byte that is not UTF-8', Buffer.from('grant_type=password&username=\xff', 'latin1')],
  ])('a form with %s', async (_situation, body) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const reply = await rawRequest(app.client, { method: 'POST', target: '/api/v1/auth/token', headers, body });
    expect([reply.status, reply.body.code]).toEqual([400, 'request.malformed']);
  });
});

describe('a body of another kind → 415', () => {
  it.each([
    ['none', {}],
    ['text', { 'Content-Type': 'text/plain' }],
    ['a merge patch', { 'Content-Type': 'application/merge-patch+json' }],
    ['another JSON', { 'Content-Type': 'application/vnd.api+json' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['nonsense', { 'Content-Type': 'json' }],
  ])('POST with the media type %s', async (_type, headers) => {
    const reply = await post(aRegistration(), headers);
    expect([reply.status, reply.body.code, reply.headers['accept-post']]).toEqual([
      415,
      'request.unsupported_media_type',
      'application/json',
    ]);
  });

  it('PATCH with the media type text/plain', async () => {
    const reply = await patch('{}', { 'Content-Type': 'text/plain' });
    expect([reply.status, reply.headers['accept-patch']]).toEqual([
      415,
      'application/merge-patch+json, application/json',
    ]);
  });

  it.each([
    ['the charset ISO-8859-1', { 'Content-Type': 'application/json; charset=iso-8859-1' }],
    ['the charset UTF-16', { 'Content-Type': 'application/json; charset=utf-16' }],
    ['the charset UTF-7', { 'Content-Type': 'application/json; charset=utf-7' }],
    ['an unknown charset', { 'Content-Type': 'application/json; charset=utf-x' }],
    ['an unknown encoding', { ...JSON_TYPE, 'Content-Encoding': 'rot13' }],
  ])('POST with %s', async (_situation, headers) => {
    const reply = await post(aRegistration(), headers);
    expect([reply.status, reply.body.code]).toEqual([415, 'request.unsupported_media_type']);
  });

  it('a form in ISO-8859-1', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=iso-8859-1' };
    const reply = await rawRequest(app.client, {
      method: 'POST',
      target: '/api/v1/auth/token',
      headers,
      body: 'grant_type=password',
    });
    expect([reply.status, reply.body.code]).toEqual([415, 'request.unsupported_media_type']);
  });
});

describe('a body of a known kind → read', () => {
  it.each([
    ['UTF-8 by name', { 'Content-Type': 'application/json; charset=UTF-8' }],
    ['UTF-8 by name, quoted', { 'Content-Type': 'application/json;charset="utf-8"' }],
    ['capitals in the media type', { 'Content-Type': 'Application/JSON' }],
  ])('%s', async (situation, headers) => {
    const email = `${situation.replaceAll(/\W/g, '')}@example.com`;
    expect((await post(aRegistration({ email }), headers)).status).toBe(201);
  });

  it('gzip', async () => {
    const body = gzipSync(aRegistration({ email: 'gzip@example.com' }));
    expect((await post(body, { ...JSON_TYPE, 'Content-Encoding': 'gzip' })).status).toBe(201);
  });

  it.each(['application/merge-patch+json', 'application/json', 'application/merge-patch+json; charset=utf-8'])(
    'PATCH with %s',
    async (type) => {
      expect((await patch('{"age":7}', { 'Content-Type': type })).body).toMatchObject({ age: 7 });
    },
  );
});

describe('the size of a body', () => {
  const padded = (bytes: number): string => `{"name":"${'x'.repeat(bytes - 11)}"}`;

  it('exactly the limit → read, and refused for what is in it', async () => {
    expect((await post(padded(LIMIT_BYTES))).status).toBe(422);
  });

  it.each([
    ['a byte more', padded(LIMIT_BYTES + 1), JSON_TYPE],
    ['a byte more in chunks', [padded(LIMIT_BYTES), ' '], JSON_TYPE],
    [
      'much more, compressed to little',
      gzipSync(padded(10 * LIMIT_BYTES)),
      { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
    ],
  ])('%s → 413', async (_situation, body, headers) => {
    const reply = await post(body, headers);
    expect([reply.status, reply.body.code]).toEqual([413, 'request.too_large']);
  });
});

describe('a body that is no object → 422', () => {
  it.each(['[]', '[{}]', '"text"', 'null', '1', 'true'])('%s', async (body) => {
    for (const reply of [await post(body), await patch(body, JSON_TYPE)]) {
      expect([reply.status, reply.body.errors]).toEqual([
        422,
        [{ pointer: '', code: 'object', detail: 'The body must be a JSON object.' }],
      ]);
    }
  });
});

describe('no body', () => {
  it.each([
    ['no length', '', {}],
    ['a length of 0', '', { 'Content-Length': '0', ...JSON_TYPE }],
    ['chunks without a byte', [''], JSON_TYPE],
  ])('PATCH with %s → 422', async (_situation, body, headers) => {
    const reply = await patch(body, headers);
    expect([reply.status, pointersOf(reply)]).toEqual([422, ['']]);
  });

  it.each([
    ['no length', '', {}],
    ['chunks without a byte', [''], JSON_TYPE],
  ])('POST with %s where members are required → 422 that names each', async (_situation, body, headers) => {
    const reply = await post(body, headers);
    expect([reply.status, pointersOf(reply)]).toEqual([422, ['/name', '/email', '/password']]);
  });

  it('POST without a body where nothing is required → done', async () => {
    const admin = await app.factory.admin();
    const { id } = await app.factory.aUser({ deletedAt: new Date() });
    expect((await app.client.post(`/users/${id}/restoration`, { as: admin.token })).status).toBe(200);
  });

  it('POST with a member where none is known → 422', async () => {
    const admin = await app.factory.admin();
    const { id } = await app.factory.aUser({ deletedAt: new Date() });
    const reply = await app.client.post(`/users/${id}/restoration`, { as: admin.token, body: { reason: 'x' } });
    expect([reply.status, pointersOf(reply)]).toEqual([422, ['/reason']]);
  });
});

describe('a body that is made to deceive → 422 that points at it', () => {
  const item = '{"sku":"A","name":"a","quantity":1,"unitPriceCents":1';

  it.each([
    ['the prototype', `{"currency":"USD","items":[${item}}],"__proto__":{"isAdmin":true}}`, '/__proto__'],
    [
      'the prototype of an item',
      `{"currency":"USD","items":[${item},"__proto__":{"isAdmin":true}}]}`,
      '/items/0/__proto__',
    ],
    [
      'the constructor',
      `{"currency":"USD","items":[${item}}],"constructor":{"prototype":{"isAdmin":true}}}`,
      '/constructor',
    ],
    ['a method of every object', `{"currency":"USD","items":[${item},"toString":"x"}]}`, '/items/0/toString'],
    ['a member twice, the second time wrong', `{"currency":"USD","currency":"XXXX","items":[${item}}]}`, '/currency'],
    ['an item in a list of its own', `{"currency":"USD","items":[[${item}}]]}`, '/items/0'],
    ['null for an item', `{"currency":"USD","items":[${item}},null]}`, '/items/1'],
    ['items by number', `{"currency":"USD","items":{"0":${item}},"length":1}}`, '/items'],
    ['levels without end', `{"currency":"USD","note":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, '/note/0'],
    ['objects without end', `{"currency":"USD","note":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, ''],
  ])('%s', async (_situation, body, pointer) => {
    const reply = await app.client.post('/orders', { as: user.token, body });
    expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
    expect((await app.client.get('/orders', { as: user.token })).body.data).toEqual([]);
  });
});
