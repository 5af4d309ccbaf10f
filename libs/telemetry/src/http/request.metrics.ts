import type { EndedRequest, RequestObserver } from '@app/logging';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Seconds; close to the target (0.2) and the alert (0.5) of the service levels. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** All that no route took: unknown paths, wrong methods, and what was refused before. */
export const UNMATCHED = 'unmatched';

export const REQUEST_DURATION = 'plinth_http_request_duration_seconds';

const duration = new Histogram({
  name: REQUEST_DURATION,
  help: 'Time from a request to the head of its answer, by the template of its route.',
  labelNames: ['method', 'route', 'status_class'],
  buckets: BUCKETS,
});
const aborted = new Counter({
  name: 'plinth_http_requests_aborted_total',
  help: 'Requests whose client had gone before the answer began; they are not in the durations.',
  labelNames: ['method', 'route'],
});
let running = 0;
const inFlight: Gauge = new Gauge({
  name: 'plinth_http_requests_in_flight',
  help: 'Requests that are being answered, streams included.',
  collect: (): void => inFlight.set(running),
});

type Timer = (status: number, seconds: number) => void;

/** By method and route; both are bounded, so this is. */
const timers = new Map<string, Map<string, Timer>>();

/**
 * Rate, errors and duration of requests. Durations end with the head of the answer, so that streams, exports and slow
 * readers are counted by how fast they were answered, not by how long they were read.
 */
export const requestMetrics: RequestObserver = {
  began: () => {
    running += 1;
  },
  ended: ({ method, route = UNMATCHED, status, headMs }: EndedRequest) => {
    running -= 1;
    const known = METHODS.has(method) ? method : 'other';
    if (headMs === undefined) aborted.inc({ method: known, route });
    else timerOf(known, route)(status, headMs / 1_000);
  },
};

/** Prepared once: to name the labels anew costs each request more than to count. */
function timerOf(method: string, route: string): Timer {
  const known = timers.get(route)?.get(method);
  if (known) return known;
  const classes = [1, 2, 3, 4, 5].map((digit) => duration.labels(method, route, `${digit}xx`));
  const timer: Timer = (status, seconds) => classes[Math.floor(status / 100) - 1]?.observe(seconds);
  const ofRoute = timers.get(route) ?? new Map<string, Timer>();
  timers.set(route, ofRoute.set(method, timer));
  return timer;
}
