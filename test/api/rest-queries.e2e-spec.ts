import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { pointersOf } from '../support/orders.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const get = (path: string) => app.client.get(path, { as: admin.token });

/** One route of each kind: with a query of its own, and without. */
const DECLARING = ['/users', '/orders', '/auth/sessions'];
const SILENT = ['/users/me', '/aggregate', '/protected', '//problems', '//problems/order.not_found', '//health/ready'];

describe('an unknown query parameter → 422 that names it', () => {
  it.each([...DECLARING, ...SILENT])('GET %s', async (path) => {
    const reply = await get(`${path}?colour=red&size=1`);
    expect([reply.status, reply.body.code, pointersOf(reply)]).toEqual([
      422,
      'request.invalid',
      ['query:colour', 'query:size'],
    ]);
    expect(reply.body.errors[0]).toEqual({
      in: 'query',
      parameter: 'colour',
      code: 'unknown_property',
      detail: 'colour is not known here.',
    });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'limit[]', 'filter[name]', 'LIMIT', 'Limit', ''])(
    'the name "%s"',
    async (name) => {
      for (const path of [...DECLARING, ...SILENT]) {
        const reply = await get(`${path}?${encodeURIComponent(name)}=1`);
        expect([path, reply.status, pointersOf(reply)]).toEqual([path, 422, [`query:${name}`]]);
      }
    },
  );

  it.each([
    ['POST', '/users', { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }],
    ['POST', '/auth/token', { grant_type: 'password', username: 'a@example.com', password: 'correct horse battery' }],
    ['DELETE', '/auth/sessions', undefined],
  ])('%s %s', async (method, path, body) => {
    const { token } = await app.factory.signedIn();
    const reply = await app.client.send(method, `${path}?notify=false`, { as: token, body });
    expect([reply.status, pointersOf(reply)]).toEqual([422, ['query:notify']]);
  });
});

describe('a repeated query parameter → 422 that names it', () => {
  it.each(DECLARING)('GET %s', async (path) => {
    const reply = await get(`${path}?limit=5&limit=5`);
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [{ in: 'query', parameter: 'limit', code: 'repeated', detail: 'limit is given more than once.' }],
    ]);
  });

  it('once encoded, once not → the same parameter', async () => {
    expect(pointersOf(await get('/users?name=a&%6eame=b'))).toEqual(['query:name']);
  });
});

describe('limit', () => {
  it.each(['0', '101', '-1', '1.5', '1e1', '', 'ten', '0x10', '9007199254740993', '%2B5', '1%00', '٣'])(
    '%s → 422',
    async (limit) => {
      for (const path of DECLARING) {
        const reply = await get(`${path}?limit=${limit.includes('%') ? limit : encodeURIComponent(limit)}`);
        expect([path, reply.status, pointersOf(reply)]).toEqual([path, 422, ['query:limit']]);
      }
    },
  );

  it.each([
    ['?limit=1', 1],
    ['?limit=100', 100],
    ['', 20],
    ['?', 20],
  ])('"%s" → echoed in the page', async (query, limit) => {
    for (const path of DECLARING) expect((await get(`${path}${query}`)).body.page.limit).toBe(limit);
  });
});

describe('a value in a query', () => {
  it.each([
    ['name', '', 'text'],
    ['name', '%20', 'text'],
    ['name', '%00', 'text'],
    ['name', 'x'.repeat(101), 'text'],
    ['email', 'ada', 'email'],
    ['role', 'root', 'one_of'],
    ['role', 'Admin', 'one_of'],
    ['include', 'sessions', 'one_of'],
    ['createdAfter', 'yesterday', 'instant'],
    ['createdAfter', '2026-02-30', 'instant'],
    ['createdBefore', '2026-01-31T12:00:00', 'instant'],
  ])('%s=%s → 422', async (parameter, value, code) => {
    const reply = await get(`/users?${parameter}=${value}`);
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [{ in: 'query', parameter, code, detail: expect.any(String) }],
    ]);
  });

  it('several wrong ones → each is named', async () => {
    expect(pointersOf(await get('/users?limit=0&role=root&email=ada&foo=1')).toSorted()).toEqual([
      'query:email',
      'query:foo',
      'query:limit',
      'query:role',
    ]);
  });

  it('a plus sign → a blank, as forms have it', async () => {
    await app.factory.aUser({ name: 'Ada Lovelace' });
    expect((await get('/users?name=Ada+Love')).body.data).toHaveLength(1);
  });

  it('a question mark → belongs to the value, in the links too', async () => {
    for (const name of ['Who? A', 'Who? B']) await app.factory.aUser({ name });
    const first = await get('/users?name=Who?&limit=1');
    const [next = ''] = /(?<=<\/api\/v1)[^>]+(?=>; rel="next")/.exec(first.headers['link'] ?? '') ?? [];
    const second = await get(next);
    expect([first, second].map(({ body }) => body.data[0].name)).toEqual(['Who? B', 'Who? A']);
  });
});

describe('an id in a path', () => {
  it.each([
    '1',
    'me2',
    'null',
    '01930a5d5b1c7c3e9d0e2f6f0c5b7a11',
    '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a1g',
    '%20',
    '%00',
    'a%2Fb',
  ])('%s → 422', async (id) => {
    for (const path of [`/users/${id}`, `/users/${id}/orders`, `/orders/${id}`, `/orders/${id}/transactions`]) {
      const reply = await rawRequest(app.client, {
        target: `/api/v1${path}`,
        headers: { Authorization: `Bearer ${admin.token}` },
      });
      expect([path, reply.status, reply.body.errors]).toEqual([
        path,
        422,
        [{ in: 'path', parameter: 'id', code: 'uuid', detail: 'id must be a UUID.' }],
      ]);
    }
  });

  it.each([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  ])('%s, of whatever version → well-formed, and nothing there', async (id) => {
    expect([(await get(`/users/${id}`)).body.code, (await get(`/orders/${id}`)).body.code]).toEqual([
      'user.not_found',
      'order.not_found',
    ]);
  });

  it('in capitals → the same user', async () => {
    expect((await get(`/users/${admin.id.toUpperCase()}`)).body.id).toBe(admin.id);
  });
});
