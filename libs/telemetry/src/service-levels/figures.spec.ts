import { describe, expect, it } from '@jest/globals';
import { figuresBetween } from './figures.js';
import type { RouteTotals, Sample } from './sample.js';

const NONE = { l1: 0, l2: 0, stale: 0, loaded: 0 };

function aSample(members: Partial<Sample>): Sample {
  return {
    at: 0,
    bounds: [0.1, 0.2],
    routes: [],
    cache: NONE,
    cpuSeconds: 0,
    mainThreadSeconds: 0,
    processes: 1,
    memoryBytes: 100,
    allowance: { cores: 2, memoryBytes: 1_000 },
    ...members,
  };
}

function aRoute(members: Partial<RouteTotals>): RouteTotals {
  return { method: 'GET', route: '/a', requests: 0, errors: 0, seconds: 0, buckets: [0, 0, 0], ...members };
}

describe('figures between two samples', () => {
  it('requests → those since the first, of all routes', () => {
    const before = aSample({ routes: [aRoute({ requests: 90, errors: 5, buckets: [0, 0, 90] })] });
    const after = aSample({
      at: 10_000,
      routes: [
        aRoute({ requests: 100, errors: 6, buckets: [10, 10, 100] }),
        aRoute({ route: '/b', requests: 1, buckets: [1, 1, 1] }),
        aRoute({ route: '/idle' }),
      ],
    });
    const figures = figuresBetween(before, after);
    expect(figures).toMatchObject({ seconds: 10, requests: 11, errors: 1 });
    expect(figures.p95Ms).toBeCloseTo(95);
    expect(figures.routes.map(({ route }) => route)).toEqual(['/a', '/b']);
  });

  it('nothing happened → no time, and no errors', () => {
    expect(figuresBetween(aSample({}), aSample({ at: 10_000 }))).toMatchObject({ requests: 0, p95Ms: null, cpu: 0 });
  });

  it.each([
    ['JavaScript is at its core', { mainThreadSeconds: 9, cpuSeconds: 10 }, 0.9],
    ['other threads use more of what there is', { mainThreadSeconds: 1, cpuSeconds: 16 }, 0.8],
    [
      'four processes',
      { mainThreadSeconds: 20, cpuSeconds: 20, processes: 4, allowance: { cores: 8, memoryBytes: 1 } },
      0.5,
    ],
    ['half a core is allowed', { mainThreadSeconds: 4, cpuSeconds: 4, allowance: { cores: 0.5, memoryBytes: 1 } }, 0.8],
  ])('cpu: %s → %j is %p', (_, members, share) => {
    expect(figuresBetween(aSample({}), aSample({ at: 10_000, ...members })).cpu).toBeCloseTo(share);
  });

  it('samples too close for a share of the CPU → null', () => {
    expect(figuresBetween(aSample({}), aSample({ at: 999, cpuSeconds: 1 })).cpu).toBeNull();
  });

  it('a process of several was replaced, so that totals fell → nothing negative', () => {
    const before = aSample({ cpuSeconds: 100, routes: [aRoute({ requests: 100, buckets: [100, 100, 100] })] });
    const after = aSample({ at: 10_000, routes: [aRoute({ requests: 40, buckets: [40, 40, 40] })] });
    expect(figuresBetween(before, after)).toMatchObject({ requests: 0, cpu: 0, p95Ms: null });
  });
});
