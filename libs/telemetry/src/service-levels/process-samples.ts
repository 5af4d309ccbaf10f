import { Injectable } from '@nestjs/common';
import { type MetricObjectWithValues, type MetricValue, register } from 'prom-client';
import { REQUEST_DURATION } from '../http/request.metrics.js';
import { readAllowance } from './allowance.js';
import { routeTotals, type Series } from './route-totals.js';
import type { CacheTotals, Sample } from './sample.js';
import { SampleSource } from './sample-source.js';
import { TelemetryOptions } from '../telemetry-options.js';

const MICROSECONDS = 1_000_000;

/** This process alone, by its own metrics. */
@Injectable()
export class ProcessSamples extends SampleSource {
  constructor(private readonly options: TelemetryOptions) {
    super();
  }

  async take(): Promise<Sample> {
    const requests = await seriesOf(REQUEST_DURATION);
    const all = process.cpuUsage();
    const main = process.threadCpuUsage();
    return {
      at: Date.now(),
      ...routeTotals(requests, this.options.unlisted),
      cache: cacheTotals(await seriesOf('plinth_cache_requests_total')),
      cpuSeconds: (all.user + all.system) / MICROSECONDS,
      mainThreadSeconds: (main.user + main.system) / MICROSECONDS,
      processes: 1,
      memoryBytes: process.memoryUsage.rss(),
      allowance: readAllowance(),
    };
  }
}

/** None of a metric that nobody keeps. */
async function seriesOf(name: string): Promise<readonly Series[]> {
  const metric: { get(): Promise<MetricObjectWithValues<MetricValue<string>>> } | undefined =
    register.getSingleMetric(name);
  return metric ? (await metric.get()).values : [];
}

function cacheTotals(series: readonly Series[]): CacheTotals {
  const from = (source: string): number => series.find(({ labels }) => labels['source'] === source)?.value ?? 0;
  return { l1: from('l1'), l2: from('l2'), stale: from('stale'), loaded: from('loaded') };
}
