import type { StatusFigures } from '../../apps/api/src/operations/status/status-figures.js';

const MINUTE_MS = 60_000;

/** Of a service that has run for an hour and is in every state at once: what a young one in a test cannot show. */
export function statusFigures(asOf: string): StatusFigures {
  return {
    report: {
      asOf,
      levels: [
        { name: 'response_time_p95_ms', unit: 'ms', value: 43.2, target: 200, alert: 500, state: 'ok' },
        { name: 'error_rate', unit: 'ratio', value: 0.0034, target: 0.001, alert: 0.01, state: 'warn' },
        { name: 'requests_per_second', unit: '1/s', value: 1_843, target: 1_000, alert: 500, state: 'ok' },
        { name: 'cpu', unit: 'ratio', value: 0.8843, target: 0.7, alert: 0.85, state: 'alert' },
        { name: 'memory', unit: 'ratio', value: null, target: 0.8, alert: 0.9, state: 'unknown' },
      ],
    },
    history: [
      { name: 'response_time_p95_ms', points: hour(asOf, (minute) => 40 + 3 * Math.sin(minute)) },
      { name: 'error_rate', points: hour(asOf, (minute) => (minute % 7 === 0 ? null : 0.0002 * (minute % 5))) },
      { name: 'requests_per_second', points: hour(asOf, (minute) => 1_700 + 8 * minute) },
      { name: 'cpu', points: hour(asOf, (minute) => 0.3 + minute / 100) },
      { name: 'memory', points: [] },
    ],
    routes: [
      { method: 'GET', route: '/api/v1/orders', requests: 12_893, p95Ms: 43.1, totalMs: 402_311, errorRate: 0 },
      { method: 'POST', route: '/api/v1/orders/:id/payments', requests: 9, p95Ms: null, totalMs: 93, errorRate: 1 },
    ],
    cache: { l1: 0.71, l2: 0.12, overall: 0.83 },
    dependencies: [
      { name: 'PostgreSQL', state: 'up', responseMs: 3.2 },
      { name: 'Redis', state: 'degraded', responseMs: null },
    ],
    process: { version: '0.1.0', node: 'v24.21.0', host: 'plinth-api-7d9c5f7b8-x2v4k', pid: 17, uptimeS: 273_500 },
  };
}

function hour(asOf: string, valueOf: (minute: number) => number | null) {
  return Array.from({ length: 60 }, (_, minute) => ({
    at: new Date(Date.parse(asOf) - (59 - minute) * MINUTE_MS).toISOString(),
    value: valueOf(minute),
  }));
}
