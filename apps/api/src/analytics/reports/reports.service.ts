import { Injectable } from '@nestjs/common';
import { edgesBefore, type Edge } from './calendar.js';
import { CohortsService } from './cohorts.service.js';
import type {
  CohortsDto,
  CustomersDto,
  ProductsDto,
  RevenueBucketDto,
  RevenueSeriesDto,
  StatusesDto,
} from './dto/report.dto.js';
import type { CohortsQuery, CustomersQuery, RangeQuery, RankingQuery, RevenueQuery } from './dto/report.queries.js';
import { bucketsOf, daysOf } from './range.js';
import { RankingsService } from './rankings.service.js';
import { type RevenueBucket, RevenueService } from './revenue.service.js';

/** One report for each route: reads the range that was asked for, and says what it is of. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly revenues: RevenueService,
    private readonly rankings: RankingsService,
    private readonly activity: CohortsService,
  ) {}

  /** @throws RangeTooLargeError 422, RequestInvalidError 422 when the range is empty. */
  async revenue(query: RevenueQuery): Promise<RevenueSeriesDto> {
    const { currency, granularity, timezone, compare } = query;
    const edges = bucketsOf(query, query, new Date());
    const before = compare === 'previous' ? edgesBefore(startOf(edges), edges.length - 1, query).slice(0, -1) : [];
    const all = [...before, ...edges];
    const { asOf, buckets } = await this.revenues.series({ currency, edges: all.map(({ at }) => at) });
    const data = buckets.map((bucket, index) => toBucket(bucket, all.slice(index, index + 2)));
    return {
      ...spanOf(edges),
      asOf,
      granularity,
      timezone,
      currency,
      data: data.slice(before.length),
      ...(compare && { previous: data.slice(0, before.length) }),
    };
  }

  /** @throws RequestInvalidError 422 when the range is empty. */
  async customers(query: CustomersQuery): Promise<CustomersDto> {
    const { currency, limit, sort } = query;
    const days = daysOf(query, new Date());
    return { ...days, currency, ...(await this.rankings.customers(sort, { ...days, currency, limit })) };
  }

  /** @throws RequestInvalidError 422 when the range is empty. */
  async products(query: RankingQuery): Promise<ProductsDto> {
    const { currency, limit } = query;
    const days = daysOf(query, new Date());
    return { ...days, currency, ...(await this.rankings.products({ ...days, currency, limit })) };
  }

  /** @throws RequestInvalidError 422 when the range is empty. */
  async statuses(query: RangeQuery): Promise<StatusesDto> {
    const days = daysOf(query, new Date());
    return { ...days, ...(await this.rankings.statuses(days)) };
  }

  /** @throws RangeTooLargeError 422, RequestInvalidError 422 when the range is empty. */
  async cohorts(query: CohortsQuery): Promise<CohortsDto> {
    const { granularity, timezone } = query;
    const edges = bucketsOf(query, query, new Date());
    const { asOf, data } = await this.activity.cohorts(edges.map(({ at }) => new Date(at)));
    return {
      ...spanOf(edges),
      asOf,
      granularity,
      timezone,
      data: data.map((cohort, index) => ({ cohort: edges[index]?.label.replace(/-\d{2}T.*/, '') ?? '', ...cohort })),
    };
  }
}

function spanOf(edges: readonly Edge[]): { readonly from: Date; readonly to: Date } {
  return { from: new Date(startOf(edges)), to: new Date(edges.at(-1)?.at ?? Number.NaN) };
}

function startOf([first]: readonly Edge[]): number {
  return first?.at ?? Number.NaN;
}

function toBucket(bucket: RevenueBucket, [start, end]: readonly Edge[]): RevenueBucketDto {
  const { orders, paymentsCents, refundsCents, p50OrderCents, p95OrderCents } = bucket;
  return {
    start: start?.label ?? '',
    end: end?.label ?? '',
    orders,
    paymentsCents,
    refundsCents,
    netCents: paymentsCents - refundsCents,
    p50OrderCents,
    p95OrderCents,
  };
}
