import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { CSV, cells, cellsOf, FORMS, inForm, NDJSON, parseCsv } from '../support/exports.js';
import type { SignedIn } from '../support/factory.js';
import { type LongList, longLists, pagesOf } from '../support/long-lists.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

const ORDER = 'id,userId,status,currency,totalCents,paidCents,refundedCents,note,items,placedAt,updatedAt,version';
const USER = 'id,name,email,age,roles,disabled,createdAt,updatedAt,deletedAt,version';
const HEADS: Readonly<Record<string, string>> = {
  users: `${USER},ordersCount,revenue,latestOrders`,
  orders: ORDER,
  "a user's orders": ORDER,
  transactions: 'id,orderId,kind,amountCents,currency,method,reason,createdAt',
  sessions: 'id,createdAt,lastUsedAt,expiresAt,userAgent,ip,current',
};
const NAMES = Object.keys(HEADS);
const EACH = NAMES.flatMap((name) => FORMS.map((form) => [name, form] as const));

let app: TestApp;
let admin: SignedIn;
let owner: SignedIn;
let lists: Map<string, LongList>;

beforeAll(async () => {
  app = await TestApp.start();
  [admin, owner] = await Promise.all([app.factory.admin(), app.factory.signedIn()]);
  lists = await longLists(app, admin, owner);
});
afterAll(() => app.stop());

function listOf(name: string): LongList {
  const list = lists.get(name);
  if (!list) throw new Error(`no list ${name}`);
  return list;
}

function columnsOf(name: string): string[] {
  return HEADS[name]?.split(',') ?? [];
}

describe.each(EACH)('the list of %s as %s', (name, form) => {
  it('→ every row of every page, once, in their order', async () => {
    const list = listOf(name);
    const reply = await app.client.get(list.path, inForm(form, { as: list.as }));
    const pages = await pagesOf(app, list, 100);
    const rows = pages.flatMap(({ body }) => body.data);
    expect(reply.status).toBe(200);
    expect(cellsOf(reply, columnsOf(name))).toEqual(cells(rows, columnsOf(name)));
    expect(cellsOf(reply, ['id']).map(([id]) => id)).toEqual(list.ids);
  });

  it('→ headers of a file that nobody keeps', async () => {
    const { path, as } = listOf(name);
    const { headers } = await app.client.get(path, inForm(form, { as }));
    const [file] = /\w+$/.exec(path.split('?')[0] ?? '') ?? [];
    expect(headers).toMatchObject({
      'content-type': form === CSV ? `${CSV}; charset=utf-8; header=present` : `${NDJSON}; charset=utf-8`,
      'content-disposition': `attachment; filename="${file}.${form === CSV ? 'csv' : 'ndjson'}"`,
      'cache-control': 'no-store',
      vary: 'Authorization, Accept, Prefer',
      'x-request-id': expect.any(String),
      ratelimit: expect.any(String),
    });
    for (const absent of ['etag', 'link', 'content-length']) expect(headers).not.toHaveProperty(absent);
  });

  it('HEAD → the same headers, no body', async () => {
    const { path, as } = listOf(name);
    const [get, head] = await Promise.all([
      app.client.get(path, inForm(form, { as })),
      app.client.head(path, inForm(form, { as })),
    ]);
    const names = ['content-type', 'content-disposition', 'cache-control', 'vary'];
    expect([head.status, head.text]).toEqual([200, '']);
    expect(names.map((header) => head.headers[header])).toEqual(names.map((header) => get.headers[header]));
  });

  it('If-None-Match → is of no account', async () => {
    const { path, as } = listOf(name);
    const { headers } = await app.client.get(path, { as });
    for (const etag of ['*', headers['etag'] ?? '']) {
      const reply = await app.client.get(path, inForm(form, { as, headers: { 'If-None-Match': etag } }));
      expect([reply.status, cellsOf(reply, ['id']).length]).toEqual([200, listOf(name).ids.length]);
    }
  });

  it('limit → says nothing of the number of rows, and has to be valid all the same', async () => {
    const { path, as, ids } = listOf(name);
    const asked = (query: string): Promise<Reply> =>
      app.client.get(`${path}${path.includes('?') ? '&' : '?'}${query}`, inForm(form, { as }));
    expect(cellsOf(await asked('limit=1'), ['id'])).toHaveLength(ids.length);
    expect(await asked('limit=0')).toMatchObject({ status: 422, body: { code: 'request.invalid' } });
  });

  it('a cursor → 422, whether or not it is one of the list', async () => {
    const { path, as } = listOf(name);
    const { nextCursor } = (await app.client.get(path, { as })).body.page;
    for (const cursor of [nextCursor, 'nonsense']) {
      const reply = await app.client.get(
        `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`,
        inForm(form, { as }),
      );
      expect(reply).toMatchObject({
        status: 422,
        headers: { 'content-type': expect.stringContaining('application/problem+json') },
        body: { code: 'cursor.invalid', errors: [{ in: 'query', parameter: 'cursor' }] },
      });
    }
  });

  it('Prefer: return=total-count → nothing is counted, and nothing said of it', async () => {
    const { path, as } = listOf(name);
    const plain = await app.client.head(path, inForm(form, { as }));
    const asked = await app.client.head(path, inForm(form, { as, headers: { Prefer: 'return=total-count' } }));
    expect(asked.headers['preference-applied']).toBeUndefined();
    expect(queriesOf(asked)).toBe(queriesOf(plain));
  });
});

describe('columns', () => {
  it.each(NAMES)('%s → those of the document, in its order, without any row too', async (name) => {
    const { path, as } = listOf(name);
    const full = await app.client.get(path, inForm(CSV, { as }));
    expect(parseCsv(full.text)[0]).toEqual(columnsOf(name));
  });

  it('an empty list → the head alone as CSV, nothing as NDJSON', async () => {
    const { token } = await app.factory.signedIn();
    const [csv, ndjson] = await Promise.all(
      FORMS.map((form) => app.client.get('/orders', inForm(form, { as: token }))),
    );
    expect([csv?.status, csv?.text, ndjson?.status, ndjson?.text]).toEqual([200, `${ORDER}\r\n`, 200, '']);
  });

  it('include=orders → what it adds fills its columns', async () => {
    const user = await app.factory.signedIn({ name: 'Includes' });
    await app.factory.anOrder(user.id, { status: 'paid' });
    const path = '/users?include=orders&name=Includes';
    const page = await app.client.get(path, { as: admin.token });
    for (const form of FORMS) {
      const reply = await app.client.get(path, inForm(form, { as: admin.token }));
      expect(cellsOf(reply, columnsOf('users'))).toEqual(cells(page.body.data, columnsOf('users')));
    }
    expect(page.body.data[0]).toMatchObject({ ordersCount: 1, latestOrders: [expect.any(Object)] });
  });
});

describe('a list of several batches', () => {
  it.each(FORMS)('%s → every row once, newest first, by a number of queries that follows the batches', async (form) => {
    const { id } = await app.factory.anOrder(owner.id);
    await app.dataSource.query(
      `INSERT INTO transactions (id, order_id, kind, amount_cents, currency, method, reference, created_at)
       SELECT gen_random_uuid(), $1, 'payment', n, 'USD', 'card', gen_random_uuid(), timestamptz '2026-01-01' + n % 7 * interval '1 ms'
       FROM generate_series(1, 1700) AS n`,
      [id],
    );
    const path = `/orders/${id}/transactions`;
    const reply = await app.client.get(path, inForm(form, { as: owner.token }));
    const pages = await pagesOf(app, { path, as: owner.token, ids: [] }, 100);
    const ids = pages.flatMap(({ body }) => body.data.map((row: { id: string }) => [row.id]));
    expect(cellsOf(reply, ['id'])).toEqual(ids);
    expect(new Set(ids.map(([one]) => one)).size).toBe(1_700);
    const head = await app.client.head(path, inForm(form, { as: owner.token }));
    const lines = [reply, head].map((each) => app.log.of(each.headers['x-request-id']).at(-1));
    expect(lines).toMatchObject([
      { message: 'request', status: 200, db_queries: 1 + 1 + 9 },
      { message: 'request', status: 200, db_queries: 1 + 1 },
    ]);
  });
});

describe('what somebody has written', () => {
  it.each([
    ['quotes and commas', 'Ada "the first", Countess', '"Ada ""the first"", Countess"'],
    ['line breaks', 'Ada\r\nLovelace', '"Ada\r\nLovelace"'],
    ['=', '=1+1', "'=1+1"],
    ['+', '+1', "'+1"],
    ['-', '-1', "'-1"],
    ['@', '@SUM(A1)', "'@SUM(A1)"],
    ['a full-width =', '＝1', "'＝1"],
    ['a tab', '\t=1', "'\t=1"],
    ['a leading space', ' =1', ' =1'],
    ['an emoji', '👩‍🚀', '👩‍🚀'],
  ])('%s → stands in its cell as text, and in NDJSON as it is', async (_situation, name, cell) => {
    const { id, email } = await app.factory.aUser({ name });
    const path = `/users?email=${encodeURIComponent(email)}`;
    const csv = await app.client.get(path, inForm(CSV, { as: admin.token }));
    const ndjson = await app.client.get(path, inForm(NDJSON, { as: admin.token }));
    expect(csv.text.split('\r\n').slice(1).join('\r\n')).toContain(`${id},${cell},${email},`);
    expect(JSON.parse(ndjson.text)).toMatchObject({ id, name });
  });
});

describe('problems', () => {
  it.each(FORMS)('//problems as %s → every code', async (form) => {
    const all = await app.client.get('//problems');
    const reply = await app.client.get('//problems', inForm(form));
    const columns = ['code', 'status', 'title', 'description'];
    expect(cellsOf(reply, columns)).toEqual(cells(all.body.data, columns));
    expect(reply.headers['content-disposition']).toMatch(/^attachment; filename="problems\./);
  });

  it('rather as a page than as CSV → a page', async () => {
    const reply = await app.client.get('//problems', inForm('text/csv;q=0.5, text/html'));
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('rather as CSV than as a page → CSV', async () => {
    const reply = await app.client.get('//problems', inForm('text/html;q=0.5, text/csv'));
    expect(parseCsv(reply.text)[0]).toEqual(['code', 'status', 'title', 'description']);
  });
});
