import type { CacheTotals, RouteTotals, Sample } from './sample.js';

/** Of processes on one machine, at one time. @throws Error when there is none. */
export function sumOf(samples: readonly Sample[]): Sample {
  return samples.reduce((one, other) => ({
    at: Math.max(one.at, other.at),
    bounds: one.bounds.length > 0 ? one.bounds : other.bounds,
    routes: routesOf([...one.routes, ...other.routes]),
    cache: cacheOf(one.cache, other.cache),
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    mainThreadSeconds: one.mainThreadSeconds + other.mainThreadSeconds,
    processes: one.processes + other.processes,
    memoryBytes: one.memoryBytes + other.memoryBytes,
    allowance: one.allowance, // they share it
  }));
}

function routesOf(all: readonly RouteTotals[]): readonly RouteTotals[] {
  const byRoute = Map.groupBy(all, ({ method, route }) => `${method} ${route}`);
  return [...byRoute.values()].map((routes) => routes.reduce(addRoute));
}

function addRoute(one: RouteTotals, other: RouteTotals): RouteTotals {
  const [longer, shorter] = one.buckets.length >= other.buckets.length ? [one, other] : [other, one];
  return {
    ...one,
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    seconds: one.seconds + other.seconds,
    buckets: longer.buckets.map((count, index) => count + (shorter.buckets[index] ?? 0)),
  };
}

function cacheOf(one: CacheTotals, other: CacheTotals): CacheTotals {
  return {
    l1: one.l1 + other.l1,
    l2: one.l2 + other.l2,
    stale: one.stale + other.stale,
    loaded: one.loaded + other.loaded,
  };
}
