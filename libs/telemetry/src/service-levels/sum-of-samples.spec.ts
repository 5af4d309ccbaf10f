import { expect, it } from '@jest/globals';
import type { RouteTotals, Sample } from './sample.js';
import { sumOf } from './sum-of-samples.js';

const aRoute = (route: string, requests: number): RouteTotals => ({
  method: 'GET',
  route,
  requests,
  errors: 1,
  seconds: requests / 10,
  buckets: [requests - 1, requests],
});

const aSample = (at: number, routes: readonly RouteTotals[]): Sample => ({
  at,
  bounds: routes.length > 0 ? [0.1] : [],
  routes,
  cache: { l1: 1, l2: 2, stale: 3, loaded: 4 },
  cpuSeconds: 5,
  mainThreadSeconds: 4,
  processes: 1,
  memoryBytes: 100,
  allowance: { cores: 2, memoryBytes: 1_000 },
});

it('three processes, one of them new → their totals, and what they may use together once', () => {
  const samples = [aSample(1, [aRoute('/a', 10)]), aSample(3, []), aSample(2, [aRoute('/a', 20), aRoute('/b', 5)])];
  expect(sumOf(samples)).toEqual({
    at: 3,
    bounds: [0.1],
    routes: [
      { method: 'GET', route: '/a', requests: 30, errors: 2, seconds: 3, buckets: [28, 30] },
      { method: 'GET', route: '/b', requests: 5, errors: 1, seconds: 0.5, buckets: [4, 5] },
    ],
    cache: { l1: 3, l2: 6, stale: 9, loaded: 12 },
    cpuSeconds: 15,
    mainThreadSeconds: 12,
    processes: 3,
    memoryBytes: 300,
    allowance: { cores: 2, memoryBytes: 1_000 },
  });
});
