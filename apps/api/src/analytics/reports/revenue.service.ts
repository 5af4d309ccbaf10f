import { Injectable } from '@nestjs/common';
import { Snapshot, type SnapshotWork } from '@app/database';
import type { EntityManager } from 'typeorm';
import { KeptFigures } from './kept-figures.js';
import { bucketQuery, type Grain, grainOf, KEEP_PERCENTILES, PERCENTILES } from './revenue.queries.js';

/** What is asked for. */
export interface RevenueRange {
  readonly currency: string;
  /** Edges of the buckets, ascending, milliseconds since 1970; one more than there are buckets. */
  readonly edges: readonly number[];
}

/** Orders count in the bucket in which they were placed, money in the one in which it moved. */
export interface RevenueBucket {
  readonly orders: number;
  readonly paymentsCents: number;
  readonly refundsCents: number;
  /** Of the totals of the orders; null without any. */
  readonly p50OrderCents: number | null;
  readonly p95OrderCents: number | null;
}

export interface Revenue {
  readonly asOf: Date;
  /** One for each bucket, in their order. */
  readonly buckets: readonly RevenueBucket[];
}

/** A bucket that has anything, numbered from 1; sums and counts of 64 bits come as text. */
type Row = { readonly [Name in keyof RevenueBucket]: string | null } & {
  readonly bucket: number;
  readonly writes: string;
};

/** Parts of a range are read with the grain of all of it: percentiles are kept for one. */
interface GrainedRange extends RevenueRange {
  readonly grain: Grain;
}

interface Percentiles {
  readonly bucket: number;
  readonly p50OrderCents: number;
  readonly p95OrderCents: number;
}

interface Computed {
  readonly fresh: readonly Percentiles[];
}

/** What one snapshot has. */
interface Figures {
  readonly asOf: Date;
  readonly horizon: string | null;
  readonly rows: readonly Row[];
  /** Of these, those without percentiles that hold. */
  readonly stale: readonly Row[];
  /** Theirs; undefined when they have too many orders. */
  readonly fresh: readonly Percentiles[] | undefined;
}

/** So many orders are sorted while a request waits; more are sorted bucket by bucket first, each by a statement. */
const AT_ONCE = 100_000;

const EMPTY: RevenueBucket = {
  orders: 0,
  paymentsCents: 0,
  refundsCents: 0,
  p50OrderCents: null,
  p95OrderCents: null,
};

/**
 * Revenue over time from the rollup. Percentiles cannot be added up: those of a bucket are computed from its orders the
 * first time that somebody asks, and kept until the bucket is written to.
 */
@Injectable()
export class RevenueService {
  constructor(
    private readonly kept: KeptFigures,
    private readonly snapshot: Snapshot,
  ) {}

  /** All of one answer is of one state of the database. */
  async series(asked: RevenueRange): Promise<Revenue> {
    const range = { ...asked, grain: grainOf(asked.edges) };
    const found = await this.complete(
      range,
      await this.snapshot.readAllowingLag((...snapshot) => figuresIn(range, AT_ONCE, snapshot)),
    );
    if (found) return found;
    return this.piecemeal(range);
  }

  /** Of the primary: a replica would not know yet what the piece before has kept. */
  private async piecemeal(range: GrainedRange): Promise<Revenue> {
    const read = (part: GrainedRange, atOnce: number) =>
      this.snapshot.read((...snapshot) => figuresIn(part, atOnce, snapshot));
    const { stale } = await read(range, 0);
    for (const { bucket } of stale) {
      const part = { ...range, edges: range.edges.slice(bucket - 1, bucket + 1) };
      await this.complete(part, await read(part, Infinity));
    }
    const whole = await this.complete(range, await read(range, Infinity));
    if (!whole) throw new Error('no number of orders is more than Infinity');
    return whole;
  }

  /** @returns undefined when there were too many orders to compute percentiles of. */
  private async complete(range: GrainedRange, figures: Figures): Promise<Revenue | undefined> {
    const { asOf, rows, fresh } = figures;
    if (!fresh) return undefined;
    await this.keep(range, { ...figures, fresh });
    return { asOf, buckets: bucketsOf(range.edges.length - 1, rows, fresh) };
  }

  /** For whoever asks next. */
  private async keep({ currency, edges, grain }: GrainedRange, { stale, fresh, horizon }: Figures & Computed) {
    const writes = new Map(stale.map((row) => [row.bucket, row.writes]));
    const kept = fresh.filter(({ bucket }) => Number(writes.get(bucket)) > 0);
    if (kept.length === 0) return;
    await this.kept.keep(KEEP_PERCENTILES, [
      grain,
      currency,
      kept.map(({ bucket }) => instantAt(edges, bucket - 1)),
      kept.map(({ bucket }) => instantAt(edges, bucket)),
      kept.map(({ bucket }) => writes.get(bucket)),
      kept.map(({ p50OrderCents }) => p50OrderCents),
      kept.map(({ p95OrderCents }) => p95OrderCents),
      horizon,
    ]);
  }
}

/** @param atOnce percentiles are not computed when the buckets without any have more orders. */
async function figuresIn(
  range: GrainedRange,
  atOnce: number,
  [manager, asOf, horizon]: Parameters<SnapshotWork<Figures>>,
): Promise<Figures> {
  const rows = await bucketsIn(range, manager);
  const stale = rows.filter(({ orders, p50OrderCents }) => Number(orders) > 0 && p50OrderCents === null);
  const orders = stale.reduce((sum, row) => sum + Number(row.orders), 0);
  const fresh = orders > atOnce ? undefined : await percentilesOf(stale, range, manager);
  return { asOf, horizon, rows, stale, fresh };
}

function bucketsIn({ currency, edges, grain }: GrainedRange, manager: EntityManager): Promise<Row[]> {
  return manager.query(bucketQuery(grain), [currency, edges.map((_, index) => instantAt(edges, index)), grain]);
}

async function percentilesOf(
  rows: readonly Row[],
  { currency, edges }: RevenueRange,
  manager: EntityManager,
): Promise<readonly Percentiles[]> {
  if (rows.length === 0) return [];
  return manager.query<Percentiles[]>(PERCENTILES, [
    currency,
    rows.map(({ bucket }) => bucket),
    rows.map(({ bucket }) => instantAt(edges, bucket - 1)),
    rows.map(({ bucket }) => instantAt(edges, bucket)),
  ]);
}

function bucketsOf(count: number, rows: readonly Row[], fresh: readonly Percentiles[]): RevenueBucket[] {
  const buckets = Array.from({ length: count }, () => EMPTY);
  for (const row of rows) {
    buckets[row.bucket - 1] = {
      orders: Number(row.orders),
      paymentsCents: Number(row.paymentsCents),
      refundsCents: Number(row.refundsCents),
      p50OrderCents: row.p50OrderCents === null ? null : Number(row.p50OrderCents),
      p95OrderCents: row.p95OrderCents === null ? null : Number(row.p95OrderCents),
    };
  }
  for (const { bucket, p50OrderCents, p95OrderCents } of fresh) {
    buckets[bucket - 1] = { ...(buckets[bucket - 1] ?? EMPTY), p50OrderCents, p95OrderCents };
  }
  return buckets;
}

function instantAt(edges: readonly number[], index: number): string {
  const at = edges[index];
  if (at === undefined) throw new Error(`there is no edge ${index}`);
  return new Date(at).toISOString();
}
