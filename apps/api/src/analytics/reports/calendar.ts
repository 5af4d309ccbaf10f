import { Temporal } from 'temporal-polyfill';

export const GRANULARITIES = ['hour', 'day', 'week', 'month'] as const;

export type Granularity = (typeof GRANULARITIES)[number];

/** How a time zone cuts time into buckets. */
export interface Cut {
  readonly granularity: Granularity;
  /** IANA name. */
  readonly timezone: string;
}

/** An edge of buckets. */
export interface Edge {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** RFC 3339 with the offset that the zone has then. */
  readonly label: string;
}

type ZonedTime = Temporal.ZonedDateTime;

/** Every IANA name, in any case; fixed offsets such as `+01:00` are no time zones. */
export function isTimezone(name: unknown): name is string {
  if (typeof name !== 'string' || !/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false; // a RangeError is how Temporal says that there is no such zone
  }
}

/** Midnight of a bare date, or the first instant of a day that has none: where clocks go forward at midnight. */
export function startOfDate(date: string, timezone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(timezone).startOfDay().epochMilliseconds;
}

/**
 * The edges of all buckets that the range `[from, to)` touches: it is widened to whole ones.
 *
 * @param max stops after so many buckets: one more is returned then.
 */
export function edgesOf(from: number, to: number, { granularity, timezone }: Cut, max: number): Edge[] {
  let edge = startOfBucket(zoned(from, timezone), granularity);
  const edges = [edge];
  while (edge.epochMilliseconds < to && edges.length <= max + 1) {
    edge = nextBucket(edge, granularity);
    edges.push(edge);
  }
  return edges.map(labelled);
}

/** The edges of so many buckets that end where the bucket at `before` starts. */
export function edgesBefore(before: number, count: number, { granularity, timezone }: Cut): Edge[] {
  const end = zoned(before, timezone);
  // One hour more, should one of them be longer than the others.
  const start = granularity === 'hour' ? end.subtract({ hours: count + 1 }) : end.subtract(spanOf(granularity, count));
  return edgesOf(start.epochMilliseconds, before, { granularity, timezone }, count + 2).slice(-count - 1);
}

function zoned(at: number, timezone: string): ZonedTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
}

function startOfBucket(time: ZonedTime, granularity: Granularity): ZonedTime {
  if (granularity === 'hour') return time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  if (granularity === 'day') return time.startOfDay();
  if (granularity === 'week') return time.subtract({ days: time.dayOfWeek - 1 }).startOfDay();
  return time.with({ day: 1 }).startOfDay();
}

/** A day of 23 or 25 hours is one day; an hour that clocks show twice is two, with offsets of their own. */
function nextBucket(start: ZonedTime, granularity: Granularity): ZonedTime {
  if (granularity !== 'hour') return startOfBucket(start.add(spanOf(granularity, 1)), granularity);
  const next = startOfBucket(start.add({ hours: 1 }), granularity);
  // Lord Howe puts its clocks back by half an hour: its hour of that day is one and a half.
  return next.epochMilliseconds > start.epochMilliseconds ? next : startOfBucket(start.add({ hours: 2 }), granularity);
}

function spanOf(granularity: Exclude<Granularity, 'hour'>, count: number): Temporal.DurationLike {
  if (granularity === 'day') return { days: count };
  return granularity === 'week' ? { weeks: count } : { months: count };
}

function labelled(time: ZonedTime): Edge {
  const label = time.toString({ timeZoneName: 'never', fractionalSecondDigits: 3 });
  return { at: time.epochMilliseconds, label: time.timeZoneId === 'UTC' ? label.replace('+00:00', 'Z') : label };
}
