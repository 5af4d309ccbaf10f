import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { enter, type Entered, foldAll } from '../support/reports.js';
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
const place = (userId: string, entered: Entered): Promise<void> => enter(app, userId, entered);

describe('revenue', () => {
  it('orders by when they were placed, money by when it moved, percentiles of totals → by hour', async () => {
    const { id } = await app.factory.signedIn();
    await place(id, { at: '2024-05-01T10:15:00Z', cents: 100, paid: '2024-05-01T10:59:59.999Z' });
    await place(id, {
      at: '2024-05-01T10:59:59.999Z',
      cents: 201,
      paid: '2024-05-01T11:00:00Z',
      refunded: '2024-05-01T12:30:00Z',
    });
    await place(id, { at: '2024-05-01T11:00:00Z', cents: 900, currency: 'EUR', paid: '2024-05-01T11:00:00Z' });
    const { body } = await get(
      'revenue?currency=USD&granularity=hour&from=2024-05-01T10:30:00Z&to=2024-05-01T13:00:00Z',
    );
    expect([body.from, body.to, body.data]).toEqual([
      '2024-05-01T10:00:00.000Z',
      '2024-05-01T13:00:00.000Z',
      [
        {
          start: '2024-05-01T10:00:00.000Z',
          end: '2024-05-01T11:00:00.000Z',
          orders: 2,
          paymentsCents: 100,
          refundsCents: 0,
          netCents: 100,
          p50OrderCents: 151,
          p95OrderCents: 196,
        },
        {
          start: '2024-05-01T11:00:00.000Z',
          end: '2024-05-01T12:00:00.000Z',
          orders: 0,
          paymentsCents: 201,
          refundsCents: 0,
          netCents: 201,
          p50OrderCents: null,
          p95OrderCents: null,
        },
        {
          start: '2024-05-01T12:00:00.000Z',
          end: '2024-05-01T13:00:00.000Z',
          orders: 0,
          paymentsCents: 0,
          refundsCents: 201,
          netCents: -201,
          p50OrderCents: null,
          p95OrderCents: null,
        },
      ],
    ]);
  });

  it('a zone whose clocks change → days of its own, of 23 and of 25 hours', async () => {
    const { id } = await app.factory.signedIn();
    for (const at of ['2024-03-30T23:00:00Z', '2024-03-31T21:59:59Z', '2024-03-31T22:00:00Z']) await place(id, { at });
    const spring = await get('revenue?currency=USD&timezone=europe/berlin&from=2024-03-31&to=2024-04-02');
    expect(spring.body.data.map((bucket: { start: string; orders: number }) => [bucket.start, bucket.orders])).toEqual([
      ['2024-03-31T00:00:00.000+01:00', 2],
      ['2024-04-01T00:00:00.000+02:00', 1],
    ]);
  });

  it('a zone of :45 → quarters of hours are counted', async () => {
    const { id } = await app.factory.signedIn();
    for (const at of ['2024-07-01T18:14:59.999Z', '2024-07-01T18:15:00Z']) await place(id, { at });
    const { body } = await get('revenue?currency=USD&timezone=Asia/Kathmandu&from=2024-07-01&to=2024-07-03');
    expect(body.data.map(({ orders }: { orders: number }) => orders)).toEqual([1, 1]);
  });

  it('edges finer than a quarter, as zones had them long ago → counted all the same', async () => {
    const { id } = await app.factory.signedIn();
    // Monrovia was 44 minutes and 30 seconds behind until 1972.
    for (const at of ['1971-03-01T00:44:29Z', '1971-03-01T00:44:30Z']) await place(id, { at, paid: at });
    const { body } = await get('revenue?currency=USD&timezone=Africa/Monrovia&from=1971-02-28&to=1971-03-02');
    expect(body.data.map(({ orders, netCents }: Record<string, number>) => [orders, netCents])).toEqual([
      [1, 1_000],
      [1, 1_000],
    ]);
    expect(body.data.map(({ p50OrderCents }: Record<string, number>) => p50OrderCents)).toEqual([1_000, 1_000]);
  });

  it('compare=previous → as many buckets before, in the same shape', async () => {
    const { id } = await app.factory.signedIn();
    await place(id, { at: '2024-01-31T12:00:00Z', cents: 500, paid: '2024-01-31T12:00:00Z' });
    const { body } = await get('revenue?currency=USD&granularity=month&from=2024-02-01&to=2024-03-01&compare=previous');
    const { start, end, netCents } = body.previous[0];
    expect([body.previous.length, start, end, netCents]).toEqual([
      1,
      '2024-01-01T00:00:00.000Z',
      '2024-02-01T00:00:00.000Z',
      500,
    ]);
    expect(
      (await get('revenue?currency=USD&granularity=month&from=2024-02-01&to=2024-03-01')).body.previous,
    ).toBeUndefined();
  });

  it('percentiles were computed, and the bucket is written to again → they follow, folded or not', async () => {
    const { id } = await app.factory.signedIn();
    const p50 = async () =>
      (await get('revenue?currency=USD&from=2023-01-01&to=2023-01-02')).body.data[0].p50OrderCents;
    const seen: unknown[] = [await p50()];
    for (const cents of [100, 300, 800]) {
      await place(id, { at: '2023-01-01T12:00:00Z', cents });
      seen.push(await p50(), await p50());
      await foldAll(app);
      seen.push(await p50());
    }
    await app.dataSource.query(
      `UPDATE orders SET total_cents = 900 WHERE placed_at = '2023-01-01T12:00:00Z' AND total_cents = 300`,
    );
    seen.push(await p50());
    await app.dataSource.query(`DELETE FROM orders WHERE placed_at = '2023-01-01T12:00:00Z' AND total_cents = 900`);
    seen.push(await p50());
    expect(seen).toEqual([null, 100, 100, 100, 200, 200, 200, 300, 300, 300, 800, 450]);
  });

  it('percentiles that were computed → kept for the next who asks', async () => {
    const { id } = await app.factory.signedIn();
    const p50 = async () =>
      (await get('revenue?currency=USD&from=2023-02-01&to=2023-02-02')).body.data[0].p50OrderCents;
    await place(id, { at: '2023-02-01T12:00:00Z', cents: 100 });
    await place(id, { at: '2023-02-01T13:00:00Z', cents: 300 });
    const seen = [await p50()];
    await app.dataSource.query(`UPDATE analytics_percentiles SET p50_cents = 7 WHERE after = '2023-02-01Z'`);
    seen.push(await p50());
    await place(id, { at: '2023-02-01T14:00:00Z', cents: 500 });
    seen.push(await p50());
    await app.dataSource.query(`UPDATE analytics_percentiles SET p50_cents = 8 WHERE after = '2023-02-01Z'`);
    expect([...seen, await p50()]).toEqual([200, 7, 300, 8]);
  });

  it('more orders than are sorted at once, in a zone that is UTC for half a year → all are kept for the whole range', async () => {
    const { id } = await app.factory.signedIn();
    await app.dataSource.query(
      `INSERT INTO orders (id, user_id, status, currency, total_cents, version, placed_at)
       SELECT gen_random_uuid(), $1, 'pending', 'DKK', 100 + n % 2, 1, timestamptz '2018-03-24 12:00Z' + n % 3 * interval '1 day'
       FROM generate_series(1, 100002) AS n`,
      [id],
    );
    const { body } = await get('revenue?currency=DKK&timezone=Europe/London&from=2018-03-24&to=2018-03-27');
    const shown = body.data.map(({ orders, p50OrderCents }: Record<string, number>) => [orders, p50OrderCents]);
    expect(shown).toEqual(Array.from({ length: 3 }, () => [33_334, 101]));
    const kept = `SELECT grain, count(*) AS count FROM analytics_percentiles WHERE currency = 'DKK' GROUP BY grain`;
    expect(await app.dataSource.query(kept)).toEqual([{ grain: 'hour', count: 3 }]);
  });

  it('nothing given but the currency → 30 days up to now, none left out', async () => {
    const { status, body } = await get('revenue?currency=CHF');
    expect([status, body.data.length, body.granularity, body.timezone, body.currency]).toEqual([
      200,
      31,
      'day',
      'UTC',
      'CHF',
    ]);
  });
});
