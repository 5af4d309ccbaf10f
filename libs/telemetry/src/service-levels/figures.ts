import { quantile } from './quantile.js';
import type { CacheTotals, RouteTotals, Sample } from './sample.js';

/** What happened between two samples. */
export interface Figures {
  readonly seconds: number;
  readonly requests: number;
  readonly errors: number;
  /** Null: nothing was answered. */
  readonly p95Ms: number | null;
  /** 0 to 1, of what may be used; null: the samples are too close. */
  readonly cpu: number | null;
  readonly memory: number;
  readonly routes: readonly RouteTotals[];
  readonly bounds: readonly number[];
  readonly cache: CacheTotals;
}

const P95 = 0.95;
/** In less, one garbage collection looks like a process that is at its end. */
const MIN_CPU_SECONDS = 1;

export function figuresBetween(before: Sample, after: Sample): Figures {
  const routes = routesBetween(before, after);
  const seconds = (after.at - before.at) / 1_000;
  const { bounds } = after;
  return {
    seconds,
    requests: sum(routes.map(({ requests }) => requests)),
    errors: sum(routes.map(({ errors }) => errors)),
    p95Ms: p95Ms(bounds, routes),
    cpu: seconds >= MIN_CPU_SECONDS ? cpuShare(before, after) : null,
    memory: after.memoryBytes / after.allowance.memoryBytes,
    routes,
    bounds,
    cache: cacheBetween(before.cache, after.cache),
  };
}

/** Of these routes together; null when they answered nothing. */
export function p95Ms(bounds: readonly number[], routes: readonly RouteTotals[]): number | null {
  const buckets = [...bounds, Infinity].map((_, index) => sum(routes.map((route) => route.buckets[index] ?? 0)));
  const seconds = quantile(P95, bounds, buckets);
  return seconds === null ? null : seconds * 1_000;
}

/**
 * Of the bound that is reached first: JavaScript runs on one core of each process, and all threads together on what the
 * machine or its container gives.
 */
function cpuShare(before: Sample, after: Sample): number {
  const seconds = (after.at - before.at) / 1_000;
  const main = grown(before.mainThreadSeconds, after.mainThreadSeconds) / (seconds * after.processes);
  const all = grown(before.cpuSeconds, after.cpuSeconds) / (seconds * after.allowance.cores);
  return Math.max(main, all);
}

function routesBetween(before: Sample, after: Sample): readonly RouteTotals[] {
  const known = new Map(before.routes.map((route) => [keyOf(route), route]));
  return after.routes
    .map((route) => routeBetween(known.get(keyOf(route)), route))
    .filter(({ requests }) => requests > 0);
}

function routeBetween(before: RouteTotals | undefined, after: RouteTotals): RouteTotals {
  if (!before) return after;
  return {
    method: after.method,
    route: after.route,
    requests: grown(before.requests, after.requests),
    errors: grown(before.errors, after.errors),
    seconds: grown(before.seconds, after.seconds),
    buckets: after.buckets.map((count, index) => grown(before.buckets[index] ?? 0, count)),
  };
}

function cacheBetween(before: CacheTotals, after: CacheTotals): CacheTotals {
  return {
    l1: grown(before.l1, after.l1),
    l2: grown(before.l2, after.l2),
    stale: grown(before.stale, after.stale),
    loaded: grown(before.loaded, after.loaded),
  };
}

/** A total that fell is of processes that are others now. */
function grown(before: number, after: number): number {
  return Math.max(0, after - before);
}

function keyOf({ method, route }: RouteTotals): string {
  return `${method} ${route}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
