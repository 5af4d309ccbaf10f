import { parseInstant } from '@app/rest';
import { emptyRange, RangeTooLargeError } from '../analytics.errors.js';
import { type Cut, type Edge, edgesOf, startOfDate } from './calendar.js';

/** As the query has them: RFC 3339 instants, or bare dates. */
export interface GivenRange {
  readonly from?: string;
  readonly to?: string;
}

const MAX_BUCKETS = 1_000;
const USUAL_MS = 30 * 24 * 3_600_000;
const BARE_DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The edges of the buckets of a range, which is widened to whole buckets; `to` is now unless given, `from` 30 days before.
 *
 * @throws RequestInvalidError 422 when it is empty, RangeTooLargeError 422.
 */
export function bucketsOf(given: GivenRange, cut: Cut, now: Date): readonly Edge[] {
  const to = given.to === undefined ? now.getTime() : instantOf(given.to, cut.timezone);
  const from = given.from === undefined ? to - USUAL_MS : instantOf(given.from, cut.timezone);
  if (from >= to) throw emptyRange();
  const edges = edgesOf(from, to, cut, MAX_BUCKETS);
  const latest = edges[MAX_BUCKETS];
  if (edges.length > MAX_BUCKETS + 1 && latest) throw new RangeTooLargeError(MAX_BUCKETS, latest.label);
  return edges;
}

/** Whole days, UTC. @throws RequestInvalidError 422 when it is empty, RangeTooLargeError 422 beyond 1000 months. */
export function daysOf(given: GivenRange, now: Date): { readonly from: Date; readonly to: Date } {
  const to = given.to === undefined ? now.getTime() : instantOf(given.to, 'UTC');
  const from = given.from === undefined ? to - USUAL_MS : instantOf(given.from, 'UTC');
  if (from >= to) throw emptyRange();
  const latest = startOfMonth(new Date(from), MAX_BUCKETS);
  if (to > latest.getTime()) throw new RangeTooLargeError(MAX_BUCKETS, latest.toISOString());
  return { from: new Date(Math.floor(from / DAY_MS) * DAY_MS), to: new Date(Math.ceil(to / DAY_MS) * DAY_MS) };
}

const DAY_MS = 86_400_000;

/** Months of `[from, to)`, UTC, and what is left at both ends of it, in days. */
export interface MonthsAndDays {
  /** Starts of all months that the range touches. */
  readonly touched: readonly Date[];
  /** Starts of those that are in it from beginning to end. */
  readonly whole: readonly Date[];
  /** The days before the first and after the last whole month; both may be empty. */
  readonly rest: readonly [from: Date, to: Date, from: Date, to: Date];
}

export function monthsAndDays(from: Date, to: Date): MonthsAndDays {
  const touched: Date[] = [];
  for (let month = startOfMonth(from, 0); month < to; month = startOfMonth(month, 1)) touched.push(month);
  const whole = touched.filter((month) => month >= from && startOfMonth(month, 1) <= to);
  const [first, last] = [whole[0], whole.at(-1)];
  const rest = first && last ? ([from, first, startOfMonth(last, 1), to] as const) : ([from, to, to, to] as const);
  return { touched, whole, rest };
}

function startOfMonth(at: Date, later: number): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later));
}

/** Validated before: it is one of both. */
function instantOf(text: string, timezone: string): number {
  return BARE_DATE.test(text) ? startOfDate(text, timezone) : (parseInstant(text)?.getTime() ?? Number.NaN);
}
