import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { aRow, done, IMPORTED, jobEnded, sendLines } from '../support/imports.js';
import { ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ JOBS: 'inline' });
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

/** The result of an import, as an array or as lines. */
async function imported(rows: readonly (object | string)[]) {
  const job = (await jobEnded(app.client, await sendLines(app.client, { as: admin.token, rows }), admin.token)).body;
  expect([job.type, job.status, job.problem]).toEqual(['orders.import', 'succeeded', null]);
  return job.result;
}

const rowsLike = (pattern: string): Promise<Record<string, unknown>[]> => app.dataSource.query(IMPORTED, [pattern]);

describe('an import of lines', () => {
  it('good rows → orders of their customers, as POST /orders makes them', async () => {
    const [ada, bob] = [await app.factory.aUser(), await app.factory.aUser({ disabled: true })];
    const result = await imported([
      aRow('good-1', ada.email.toUpperCase(), { placedAt: '2026-01-31T13:00:00+01:00', note: ' Ring. ' }),
      aRow('good-2', bob.email),
    ]);
    expect(result).toEqual({ imported: 2, skipped: 0, rejected: 0, errors: [] });
    const common = { status: 'pending', currency: 'USD', totalCents: '3000', paidCents: '0', version: 1 };
    const items = [
      { sku: 'SKU-A', name: 'Item A', quantity: 1, unitPriceCents: 1_000, lineCents: 1_000 },
      { sku: 'SKU-B', name: 'Item B', quantity: 2, unitPriceCents: 1_000, lineCents: 2_000 },
    ];
    const times = [new Date('2026-01-31T12:00:00Z'), expect.any(Date)];
    expect(asText(await rowsLike('good-%'))).toEqual([
      { ...common, items, externalId: 'good-1', email: ada.email, note: 'Ring.', placedAt: times[0] },
      { ...common, items, externalId: 'good-2', email: bob.email, note: null, placedAt: times[1] },
    ]);
    expect(await ledgerFaults(app.dataSource)).toEqual([]);
  });

  it('wrong rows among good ones → told by line and pointer, and the job has succeeded', async () => {
    const { email } = await app.factory.aUser();
    const gone = await app.factory.aUser({ deletedAt: new Date() });
    const result = await imported([
      aRow('mixed-1', email),
      '{"externalId": "mixed-2", ',
      '',
      aRow('mixed-3', email, { items: [{ sku: 'A', name: 'A', quantity: 0, unitPriceCents: 1 }], colour: 'red' }),
      aRow('mixed-4', 'nobody@example.com'),
      aRow('mixed-5', gone.email),
      aRow('mixed-1', email),
      aRow('mixed-1', email, { note: 'other' }),
      aRow('mixed-6', email),
    ]);
    expect(result).toEqual({ imported: 2, skipped: 1, rejected: 5, errors: expect.anything() });
    const errors: { line: number; pointer: string; code: string; detail: string }[] = result.errors;
    expect(errors.map(({ line, pointer, code }) => `${line} ${pointer} ${code}`).toSorted()).toEqual([
      '2  request.malformed',
      '4 /colour request.invalid',
      '4 /items/0/quantity request.invalid',
      '5 /customerEmail import.unknown_customer',
      '6 /customerEmail import.unknown_customer',
      '8 /externalId import.conflict',
    ]);
    expect((await rowsLike('mixed-%')).map(({ externalId }) => externalId)).toEqual(['mixed-1', 'mixed-6']);
  });

  it('members with names that no text of the database can have → rejected like any other, and the good row is there', async () => {
    const { email } = await app.factory.aUser();
    const hostile = [String.raw`{"a\u0000b":1}`, String.raw`{"\ud800":1}`, JSON.stringify({ ['x'.repeat(10_000)]: 1 })];
    const result = await imported([...hostile, aRow('hostile-1', email)]);
    expect([result.imported, result.rejected]).toEqual([1, 3]);
    expect(Math.max(...result.errors.map(({ detail }: { detail: string }) => detail.length))).toBeLessThan(400);
  });

  it('the same rows again → all are skipped, also those of a customer who has gone since', async () => {
    const { id, email } = await app.factory.aUser();
    const rows = [aRow('again-1', email), aRow('again-2', email)];
    await imported(rows);
    await app.dataSource.query('UPDATE users SET deleted_at = now() WHERE id = $1', [id]);
    expect(await imported(rows)).toEqual({ imported: 0, skipped: 2, rejected: 0, errors: [] });
    expect(await imported([aRow('again-1', email, { note: 'changed' })])).toMatchObject({ skipped: 0, rejected: 1 });
    expect(await rowsLike('again-%')).toHaveLength(2);
  });

  it('more rows than a batch has → all of them once, and progress to the last line', async () => {
    const { email } = await app.factory.aUser();
    const rows = Array.from({ length: 1_203 }, (_, index) => aRow(`many-${index % 1_200}`, email));
    const reply = await jobEnded(app.client, await sendLines(app.client, { as: admin.token, rows }), admin.token);
    expect(reply.body).toMatchObject({
      result: { imported: 1_200, skipped: 3, rejected: 0 },
      progress: { done: 1_203 },
    });
    expect(await rowsLike('many-%')).toHaveLength(1_200);
  });

  it('more errors than are kept → the first 1000, and all are counted', async () => {
    const result = await imported(Array(1_007).fill('{'));
    expect(result).toMatchObject({ imported: 0, rejected: 1_007 });
    expect(result.errors).toHaveLength(1_000);
    expect(result.errors.at(-1)).toMatchObject({ line: 1_000 });
  });

  it('orders that a customer has read → the next list has the new ones', async () => {
    const user = await app.factory.signedIn();
    const list = async () => (await app.client.get('/orders', { as: user.token })).body.data.length;
    expect(await list()).toBe(0);
    await imported([aRow('cache-1', user.email)]);
    expect(await list()).toBe(1);
  });
});

describe('an import of an array', () => {
  it('good and wrong ones → as from lines, counted from 1', async () => {
    const { email } = await app.factory.aUser();
    const orders = [aRow('array-1', email), 'no order', aRow('array-2', email, { currency: 'DEM' })];
    const job = await done(app.client, 'orders.import', { as: admin.token, data: { orders } });
    expect(job).toMatchObject({ status: 'succeeded', progress: { done: 3 }, result: { imported: 1, rejected: 2 } });
    expect(job.result.errors).toEqual([
      { line: 2, pointer: '', code: 'request.invalid', detail: 'The row must be a JSON object.' },
      { line: 3, pointer: '/currency', code: 'request.invalid', detail: expect.any(String) },
    ]);
  });

  it.each([
    ['no orders', {}],
    ['none of them', { orders: [] }],
    ['no array', { orders: {} }],
    ['something else beside', { orders: [{}], file: 'x' }],
  ])('%s → 422, and no job', async (_situation, data) => {
    const reply = await app.client.post('/process', { as: admin.token, body: { type: 'orders.import', data } });
    expect([reply.status, reply.body.code]).toEqual([422, 'request.invalid']);
  });
});

describe('somebody who is no admin', () => {
  it.each(['customer', 'analyst'] as const)('%s → 403 for both forms', async (role) => {
    const { token: as } = await app.factory.signedIn({ roles: ['customer', role] });
    const replies = [
      await sendLines(app.client, { as, rows: ['{}'] }),
      await app.client.post('/process', { as, body: { type: 'orders.import', data: { orders: [{}] } } }),
    ];
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([403, 'auth.forbidden']));
  });

  it('nobody → 401', async () => {
    const body = { type: 'orders.import', data: { orders: [{}] } };
    expect((await app.client.post('/process', { body })).status).toBe(401);
  });
});

/** bigint columns come as text, or as numbers where they are safe. */
function asText(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return rows.map((row) => ({ ...row, totalCents: String(row['totalCents']), paidCents: String(row['paidCents']) }));
}
