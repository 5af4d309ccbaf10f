import type { RouteTotals, Sample } from './sample.js';

/** One line of a metric, as prom-client keeps it. */
export interface Series {
  readonly metricName?: string;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

interface Totals extends RouteTotals {
  requests: number;
  errors: number;
  seconds: number;
  readonly byBound: Map<number, number>;
}

/**
 * The histogram of requests, added up by route. What no route took is left out, unless it failed: unknown paths, however
 * many, shall not hide that the others are slow or fail.
 *
 * @param unlisted routes that are no part of the service.
 */
export function routeTotals(series: readonly Series[], unlisted: RegExp): Pick<Sample, 'bounds' | 'routes'> {
  const byRoute = new Map<string, Totals>();
  const bounds = new Set<number>();
  for (const { metricName = '', labels, value } of series) {
    const { method = '', route = '', status_class: status = '', le } = labels;
    if (unlisted.test(String(route)) || (route === 'unmatched' && status !== '5xx')) continue;
    const totals = totalsOf(byRoute, String(method), String(route));
    const isError = status === '5xx';
    if (metricName.endsWith('_sum')) totals.seconds += value;
    if (metricName.endsWith('_count')) totals.requests += value;
    if (metricName.endsWith('_count') && isError) totals.errors += value;
    if (!metricName.endsWith('_bucket')) continue;
    const bound = le === '+Inf' ? Infinity : Number(le);
    bounds.add(bound);
    if (!isError) totals.byBound.set(bound, (totals.byBound.get(bound) ?? 0) + value);
  }
  const all = [...bounds].toSorted((one, other) => one - other);
  const routes = [...byRoute.values()].map(({ byBound, ...totals }) => ({
    ...totals,
    buckets: all.map((bound) => byBound.get(bound) ?? 0),
  }));
  return { bounds: all.filter((bound) => bound < Infinity), routes };
}

function totalsOf(byRoute: Map<string, Totals>, method: string, route: string): Totals {
  const key = `${method} ${route}`;
  const known = byRoute.get(key);
  if (known) return known;
  const none: Totals = { method, route, requests: 0, errors: 0, seconds: 0, buckets: [], byBound: new Map() };
  byRoute.set(key, none);
  return none;
}
