import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let analyst: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  analyst = await app.factory.analyst();
});
afterAll(() => app.stop());

const get = (path: string, as: SignedIn = analyst): Promise<Reply> =>
  app.client.get(`/analytics/${path}`, { as: as.token });
describe('refusals', () => {
  it.each([
    ['revenue', ['currency']],
    ['revenue?currency=usd', ['currency']],
    ['revenue?currency=USD&timezone=Mars/Base', ['timezone']],
    ['revenue?currency=USD&timezone=%2B01:00', ['timezone']],
    ['revenue?currency=USD&granularity=year', ['granularity']],
    ['revenue?currency=USD&from=yesterday&to=2026-02-30', ['from', 'to']],
    ['revenue?currency=USD&from=2026-02-01&to=2026-01-01', ['to']],
    ['revenue?currency=USD&compare=next', ['compare']],
    ['revenue?currency=USD&limit=5', ['limit']],
    ['customers', ['currency']],
    ['customers?currency=USD&limit=101', ['limit']],
    ['customers?currency=USD&sort=name', ['sort']],
    ['customers?currency=USD&timezone=UTC', ['timezone']],
    ['products?currency=USD&limit=0', ['limit']],
    ['statuses?from=x', ['from']],
    ['cohorts?granularity=day', ['granularity']],
  ])('%s → 422 that names %j', async (path, parameters) => {
    const { status, body } = await get(path);
    expect([status, body.code]).toEqual([422, 'request.invalid']);
    expect(body.errors.map(({ parameter }: { parameter: string }) => parameter).toSorted()).toEqual(parameters);
  });

  it('1001 buckets → 422 with the largest that is allowed', async () => {
    const { status, body } = await get('revenue?currency=USD&granularity=hour&from=2026-01-01&to=2026-03-01');
    expect([status, body.code, body.maxBuckets, body.latestTo]).toEqual([
      422,
      'range.too_large',
      1_000,
      '2026-02-11T16:00:00.000Z',
    ]);
  });

  it.each(['revenue?currency=USD', 'customers?currency=USD', 'products?currency=USD', 'statuses', 'cohorts'])(
    '%s → for analysts and admins alone',
    async (path) => {
      const callers = [await app.factory.admin(), analyst, await app.factory.signedIn()];
      const statuses = await Promise.all(callers.map(async (caller) => (await get(path, caller)).status));
      expect([...statuses, (await app.client.get(`/analytics/${path}`)).status]).toEqual([200, 200, 403, 401]);
    },
  );
});
