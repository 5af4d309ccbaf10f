import { expect } from '@jest/globals';
import type { Reply } from './api-client.js';
import { Recount, type Span } from './recount.js';
import type { TestApp } from './test-app.js';

const DAY_MS = 86_400_000;

type Bucket = { readonly start: string; readonly end: string };
/** What was answered, beside what it should have been. */
type Pair = readonly [answered: unknown, recounted: unknown];

/** Asks every analytics route, and tells the base tables again what each must answer. Nobody may write meanwhile. */
export class AnalyticsAnswers {
  private readonly recount: Recount;

  constructor(
    private readonly app: TestApp,
    private readonly admin: string,
  ) {
    this.recount = new Recount((sql, parameters) => app.dataSource.query(sql, [...parameters]));
  }

  /** Fails with all answers that are not exactly the recount. */
  async expectExact(userIds: readonly string[]): Promise<void> {
    const asked = await Promise.all([
      this.aggregate(),
      ...userIds.map((id) => this.user(id)),
      this.series({ days: 60, query: 'granularity=day&timezone=America/New_York&currency=USD' }),
      this.series({ days: 3, query: 'granularity=hour&timezone=Asia/Kathmandu&currency=EUR' }),
      this.series({ days: 200, query: 'granularity=week&timezone=Europe/Berlin&currency=JPY' }),
      this.series({ days: 400, query: 'granularity=month&timezone=Pacific/Chatham&currency=USD' }),
      this.customers('USD', 'revenue', 100),
      this.customers('EUR', 'orders', 3),
      this.products('USD', 100),
      this.products('JPY', 2),
      this.statuses(),
      this.cohorts('UTC'),
      this.cohorts('Asia/Kathmandu'),
    ]);
    expect(Object.fromEntries(asked.map(([path, [answered]]) => [path, answered]))).toEqual(
      Object.fromEntries(asked.map(([path, [, recounted]]) => [path, recounted])),
    );
  }

  private async aggregate(): Promise<[string, Pair]> {
    const [path, { asOf: _, ...answered }] = await this.ask('/aggregate');
    return [path, [answered, await this.recount.aggregate()]];
  }

  private async user(id: string): Promise<[string, Pair]> {
    const [path, { asOf: _, ...answered }] = await this.ask(`/users/${id}/analytics`);
    return [path, [answered, await this.recount.user(id)]];
  }

  /** Also that the buckets follow each other without a gap, cover what was asked for, and so do those of before. */
  private async series({ days, query }: { days: number; query: string }): Promise<[string, Pair]> {
    const asked = lately(days);
    const [path, body] = await this.ask(`/analytics/revenue?${spanOf(asked)}&${query}&compare=previous`);
    const currency = String(new URLSearchParams(query).get('currency'));
    const [buckets, previous]: [Bucket[], Bucket[]] = [body.data, body.previous];
    const answered = {
      edges: instants(buckets),
      data: buckets.map(figures),
      previous: previous.map(figures),
      covers: [instant(body.from) <= asked.from.getTime(), instant(body.to) >= asked.to.getTime()],
    };
    const recounted = {
      edges: chained(buckets, body),
      data: await this.recount.series(currency, edgesOf(buckets)),
      previous: await this.recount.series(currency, edgesOf(previous)),
      covers: [true, true],
    };
    expect(instants(previous)).toEqual(chained(previous, { from: previous[0]?.start, to: body.from }));
    return [path, [answered, recounted]];
  }

  private async customers(currency: string, sort: 'revenue' | 'orders', limit: number): Promise<[string, Pair]> {
    const query = `currency=${currency}&sort=${sort}&limit=${limit}`;
    const [path, body] = await this.ask(`/analytics/customers?${spanOf(lately(45))}&${query}`);
    return [path, [body.data, await this.recount.customers(echoed(body), { currency, sort, limit })]];
  }

  private async products(currency: string, limit: number): Promise<[string, Pair]> {
    const query = `currency=${currency}&limit=${limit}`;
    const [path, body] = await this.ask(`/analytics/products?${spanOf(lately(45))}&${query}`);
    return [path, [body.data, await this.recount.products(echoed(body), { currency, limit })]];
  }

  private async statuses(): Promise<[string, Pair]> {
    const [path, body] = await this.ask(`/analytics/statuses?${spanOf(lately(20))}`);
    const rows: { status: string; orders: number }[] = body.data;
    const answered = Object.fromEntries(rows.filter(({ orders }) => orders > 0).map((row) => [row.status, row.orders]));
    return [path, [answered, await this.recount.statuses(echoed(body))]];
  }

  private async cohorts(zone: string): Promise<[string, Pair]> {
    const [path, body] = await this.ask(`/analytics/cohorts?${spanOf(lately(100))}&granularity=month&timezone=${zone}`);
    const recounted = await this.recount.cohorts(echoed(body), zone);
    const isPeopled = ({ users }: { users: number }): boolean => users > 0;
    return [path, [body.data.filter(isPeopled), recounted.filter(isPeopled)]];
  }

  private async ask(path: string): Promise<[string, Reply['body']]> {
    const { status, body, text } = await this.app.client.get(path, { as: this.admin });
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return [path, body];
  }
}

/** The last days up to tomorrow: what is written now is always in it. */
function lately(days: number): Span {
  const tomorrow = Math.ceil(Date.now() / DAY_MS + 1) * DAY_MS;
  return { from: new Date(tomorrow - days * DAY_MS), to: new Date(tomorrow) };
}

function spanOf({ from, to }: Span): string {
  return `from=${from.toISOString()}&to=${to.toISOString()}`;
}

function echoed(body: { from: string; to: string }): Span {
  return { from: new Date(body.from), to: new Date(body.to) };
}

function instant(time: unknown): number {
  return Date.parse(String(time));
}

function instants(buckets: readonly Bucket[]): number[] {
  return buckets.flatMap(({ start, end }) => [instant(start), instant(end)]);
}

/** As the edges must be when each bucket begins where the one before ends, and all together fill the range. */
function chained(buckets: readonly Bucket[], { from, to }: { from: unknown; to: unknown }): number[] {
  const inner = buckets.slice(1).flatMap(({ start }) => [instant(start), instant(start)]);
  return [instant(from), ...inner, instant(to)];
}

function edgesOf(buckets: readonly Bucket[]): Date[] {
  const last = buckets.at(-1);
  return [...buckets.map(({ start }) => new Date(start)), ...(last ? [new Date(last.end)] : [])];
}

function figures(bucket: Bucket): object {
  return Object.fromEntries(Object.entries(bucket).filter(([name]) => name !== 'start' && name !== 'end'));
}
