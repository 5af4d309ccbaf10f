import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Sample } from './sample.js';
import { SampledServiceLevels } from './sampled-service-levels.js';
import { SampleSource } from './sample-source.js';

const START = Date.UTC(2026, 0, 31, 12, 0, 30);

/** 30 requests a second of 50 ms, on a quarter of the core; one in a hundred fails when told so. */
class Load extends SampleSource {
  failing = 0;
  private errors = 0;
  private last = 0;

  override take(): Promise<Sample> {
    const seconds = (Date.now() - START) / 1_000;
    this.errors += (seconds - this.last) * 30 * this.failing;
    this.last = seconds;
    const requests = seconds * 30;
    const answered = requests - this.errors;
    return Promise.resolve({
      at: Date.now(),
      bounds: [0.025, 0.075],
      routes: [
        { method: 'GET', route: '/a', requests, errors: this.errors, seconds, buckets: [0, answered, answered] },
      ],
      cache: { l1: requests / 2, l2: requests / 4, stale: 0, loaded: requests / 4 },
      cpuSeconds: seconds / 4,
      mainThreadSeconds: seconds / 4,
      processes: 1,
      memoryBytes: 700,
      allowance: { cores: 1, memoryBytes: 1_000 },
    });
  }
}

let load: Load;
let levels: SampledServiceLevels;
beforeEach(async () => {
  jest.useFakeTimers({ now: START });
  load = new Load();
  levels = new SampledServiceLevels(load, { capacityRps: undefined, unlisted: /^none$/ });
  await levels.onApplicationBootstrap();
});
afterEach(async () => {
  await levels.onModuleDestroy();
  jest.useRealTimers();
});

const minutes = (count: number): Promise<void> => jest.advanceTimersByTimeAsync(count * 60_000);

async function valueOf(name: string): Promise<number | null | undefined> {
  return (await levels.report()).levels.find((level) => level.name === name)?.value;
}

describe('service levels by samples', () => {
  it('a steady load → what it is', async () => {
    await minutes(6);
    const { asOf, levels: all } = await levels.report();
    expect(asOf).toBe('2026-01-31T12:06:30.000Z');
    expect(all.map(({ name, value, state }) => [name, value, state])).toEqual([
      ['response_time_p95_ms', 72.5, 'ok'],
      ['error_rate', 0, 'ok'],
      ['requests_per_second', 120, 'alert'],
      ['cpu', 0.25, 'ok'],
      ['memory', 0.7, 'ok'],
    ]);
    expect(await levels.cacheHitRatio()).toEqual({ l1: 0.5, l2: 0.25, overall: 0.75 });
  });

  it('errors that are over → forgotten after five minutes', async () => {
    load.failing = 0.02;
    await minutes(2);
    expect(await valueOf('error_rate')).toBeCloseTo(0.02);
    load.failing = 0;
    await minutes(3);
    expect(await valueOf('error_rate')).toBeGreaterThan(0.005);
    await minutes(3);
    expect(await valueOf('error_rate')).toBe(0);
  });

  it('a minute after the other → one point each, of that minute alone, for an hour', async () => {
    await minutes(2);
    load.failing = 0.02;
    await minutes(1);
    load.failing = 0;
    await minutes(2);
    const [, errors] = await levels.history();
    expect(errors?.points).toHaveLength(5);
    expect(errors?.points.filter(({ value }) => value === 0).length).toBeGreaterThanOrEqual(3);
    await minutes(90);
    const histories = await levels.history();
    expect(histories.map(({ points }) => points.length)).toEqual([60, 60, 60, 60, 60]);
  });

  it('nothing asked → nothing known, and no routes', async () => {
    expect(await valueOf('response_time_p95_ms')).toBeNull();
    expect(await levels.cacheHitRatio()).toBeNull();
    expect(await levels.topRoutes()).toEqual([]);
  });
});
