import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CSV, cells, cellsOf, FORMS, inForm, NDJSON, openExport } from '../support/exports.js';
import type { SignedIn } from '../support/factory.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';

const LONG = 20_000;

let app: TestApp;
let callers: Record<'nobody' | 'a stranger' | 'an analyst' | 'an admin' | 'the owner', SignedIn | undefined>;
let owner: SignedIn;
let paths: Record<string, string>;

beforeAll(async () => {
  app = await TestApp.start();
  owner = await app.factory.signedIn();
  callers = {
    nobody: undefined,
    'a stranger': await app.factory.signedIn(),
    'an analyst': await app.factory.analyst(),
    'an admin': await app.factory.admin(),
    'the owner': owner,
  };
  const { id } = await app.factory.anOrder(owner.id, { status: 'refunded' });
  paths = {
    users: '/users',
    orders: '/orders',
    'orders of another by filter': `/orders?userId=${owner.id}`,
    'orders of a user': `/users/${owner.id}/orders`,
    transactions: `/orders/${id}/transactions`,
    sessions: '/auth/sessions',
    jobs: '/jobs',
  };
});
afterAll(() => app.stop());

function path(name: string): string {
  const found = paths[name];
  if (found === undefined) throw new Error(`no path of ${name}`);
  return found;
}

describe.each([
  'users',
  'orders',
  'orders of another by filter',
  'orders of a user',
  'transactions',
  'sessions',
  'jobs',
])('%s', (name) => {
  it.each(['nobody', 'a stranger', 'an analyst', 'an admin', 'the owner'] as const)(
    'as %s → the answer that he gets as JSON',
    async (caller) => {
      const as = callers[caller]?.token;
      const json = await app.client.get(path(name), { as });
      for (const form of FORMS) {
        const reply = await app.client.get(path(name), inForm(form, { as }));
        expect([form, reply.status, reply.body?.code]).toEqual([form, json.status, json.body.code]);
        if (json.status === 200) expect(cellsOf(reply, ['id'])).toEqual(cells(json.body.data, ['id']));
        else expect(reply.headers['content-type']).toMatch('application/problem+json');
      }
    },
  );
});

describe('the five callers', () => {
  it('together → were let in and refused in every way', async () => {
    const codes = await Promise.all(
      Object.values(callers).flatMap((caller) =>
        Object.values(paths).map(async (each) => (await app.client.get(each, { as: caller?.token })).status),
      ),
    );
    expect([...new Set(codes)].toSorted()).toEqual([200, 401, 403, 404]);
  });
});

describe('Accept', () => {
  it.each([
    ['text/csv', CSV],
    ['TEXT/CSV', CSV],
    ['text/csv; charset=utf-8', CSV],
    ['text/csv; header=present', CSV],
    ['text/csv; charset=utf-8; header=present', CSV],
    ['text/*', CSV],
    ['application/x-ndjson', NDJSON],
    ['application/x-ndjson; charset=utf-8', NDJSON],
    ['application/json;q=0.5, application/x-ndjson', NDJSON],
    ['text/csv;q=0.5, application/json', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html, */*;q=0.8', 'application/json'],
  ])('%s → %s', async (accept, type) => {
    const reply = await app.client.get('/orders', inForm(accept, { as: owner.token }));
    expect([reply.status, reply.headers['content-type']?.split(';')[0]]).toEqual([200, type]);
  });

  it.each(['text/plain', 'text/csv; header=absent', 'text/csv;q=0', 'application/xml'])('%s → 406', async (accept) => {
    const reply = await app.client.get('/orders', inForm(accept, { as: owner.token }));
    expect(reply).toMatchObject({ status: 406, body: { code: 'request.not_acceptable' } });
    expect(reply.body.detail).toContain('text/csv');
  });

  it.each(FORMS)('%s where there is no list → 406', async (form) => {
    const reply = await app.client.get(`/users/${owner.id}`, inForm(form, { as: owner.token }));
    expect(reply).toMatchObject({ status: 406, body: { code: 'request.not_acceptable' } });
  });
});

describe.each(['orders', 'orders of a user', 'transactions'])('%s, which are kept as JSON', (name) => {
  it('JSON first → the exports are made anew, and the JSON is kept', async () => {
    const admin = await app.factory.admin();
    const ask = { as: admin.token };
    const first = await app.client.get(path(name), ask);
    for (const form of FORMS) {
      const reply = await app.client.get(path(name), inForm(form, ask));
      expect(reply.headers).toMatchObject({ 'cache-status': 'plinth; fwd=bypass', 'cache-control': 'no-store' });
      expect(reply.headers['content-type']).toMatch(form);
      expect(cellsOf(reply, ['id'])).toEqual(cells(first.body.data, ['id']));
    }
    const again = await app.client.get(path(name), ask);
    expect([again.headers['cache-status'], again.text]).toEqual(['plinth; hit; detail=L1', first.text]);
  });

  it('an export first → the JSON is made anew, and so is another export', async () => {
    const admin = await app.factory.admin();
    const ask = { as: admin.token };
    await app.client.get(path(name), inForm(CSV, ask));
    const json = await app.client.get(path(name), ask);
    expect([json.headers['cache-status'], json.body.page.hasMore]).toEqual(['plinth; fwd=uri-miss', false]);
    const other = await app.client.get(path(name), inForm(NDJSON, ask));
    expect(cellsOf(other, ['id'])).toEqual(cells(json.body.data, ['id']));
  });
});

describe('a caller who goes away', () => {
  it('→ what is being read is read to its end, and nothing more is; the log says that he went', async () => {
    const many = await app.factory.signedIn();
    await app.dataSource.query(
      `INSERT INTO orders (id, user_id, status, currency, total_cents, note, placed_at, version)
       SELECT gen_random_uuid(), $1, 'pending', 'USD', 100, repeat('x', 1000), timestamptz '2026-01-01' + n * interval '1 s', 1
       FROM generate_series(1, ${LONG}) AS n`,
      [many.id],
    );
    let statements = 0;
    app.dataSource.subscribers.push({ beforeQuery: () => void (statements += 1) });
    const response = await openExport(app.client, '/orders', inForm(CSV, { as: many.token }));
    await once(response, 'readable');
    response.destroy();
    const id = String(response.headers['x-request-id']);
    const line = (): object | undefined => app.log.of(id).find(({ message }) => message === 'request');
    await until(() => line() !== undefined);
    const before = statements;
    let own = 0;
    for (let n = 0; n < 20; n += 1) own += queriesOf(await app.client.get('/auth/sessions', { as: many.token }));
    expect(line()).toMatchObject({ status: 200, aborted: true });
    expect(statements - before - own).toBeLessThanOrEqual(2);
    expect(before).toBeLessThan(LONG / 500);
  });
});
