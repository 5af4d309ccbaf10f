import { describe, expect, it } from '@jest/globals';
import { routeTotals, type Series } from './route-totals.js';

const NAME = 'plinth_http_request_duration_seconds';

/** One request, in the first bucket of two. */
function series(route: string, status_class: string, value = 1): Series[] {
  const labels = { method: 'GET', route, status_class };
  return [
    ...[0.1, 0.2, '+Inf'].map((le) => ({ metricName: `${NAME}_bucket`, labels: { ...labels, le }, value })),
    { metricName: `${NAME}_sum`, labels, value: value * 0.5 },
    { metricName: `${NAME}_count`, labels, value },
  ];
}

describe('totals of routes', () => {
  it('classes of one route → together; those of 5xx are errors, and have no latency', () => {
    const all = [...series('/a', '2xx', 7), ...series('/a', '4xx', 2), ...series('/a', '5xx')];
    expect(routeTotals(all, /^none$/)).toEqual({
      bounds: [0.1, 0.2],
      routes: [{ method: 'GET', route: '/a', requests: 10, errors: 1, seconds: 5, buckets: [9, 9, 9] }],
    });
  });

  it('unlisted routes, and what no route took → left out, unless that failed', () => {
    const all = [...series('/health/live', '2xx'), ...series('unmatched', '4xx', 99), ...series('unmatched', '5xx')];
    expect(routeTotals(all, /^\/health/).routes).toEqual([
      expect.objectContaining({ route: 'unmatched', requests: 1, errors: 1 }),
    ]);
  });
});
