import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { RepeatedTask } from '@app/database';
import { TelemetryOptions } from '../telemetry-options.js';
import { Capacity } from './capacity.js';
import { type Figures, figuresBetween, p95Ms } from './figures.js';
import { type LevelName, LEVELS, rounded, stateOf } from './level.js';
import type { Sample } from './sample.js';
import { SampleSource } from './sample-source.js';
import { showLevels } from './service-level.metrics.js';
import {
  type CacheHitRatio,
  type LevelHistory,
  type LevelReport,
  type RouteFigures,
  ServiceLevels,
} from './service-levels.js';

const PERIOD_MS = 10_000;
const WINDOW_MS = 300_000;
const MINUTE_MS = 60_000;
const MAX_POINTS = 60;
/** However many ask, the metrics are not added up more often. */
const FRESH_MS = 500;

type Values = Readonly<Record<LevelName, number | null>>;

/** The levels of a rolling window, by samples that are taken all along. */
@Injectable()
export class SampledServiceLevels extends ServiceLevels implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task = new RepeatedTask({ what: 'service levels are sampled', periodMs: PERIOD_MS }, () =>
    this.sample(),
  );
  /** Of the last five minutes, oldest first. */
  private samples: readonly Sample[] = [];
  private points: readonly { readonly at: number; readonly values: Values }[] = [];
  private minuteStart: Sample | undefined;
  private readonly capacity = new Capacity();
  private latest: Promise<Sample> | undefined;
  private latestAt = -Infinity;
  private hide: (() => void) | undefined;

  constructor(
    private readonly source: SampleSource,
    private readonly options: TelemetryOptions,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.sample();
    this.task.start();
    this.hide = showLevels(this);
  }

  async onModuleDestroy(): Promise<void> {
    this.hide?.();
    await this.task.stop();
  }

  override async report(): Promise<LevelReport> {
    const { now, figures } = await this.window();
    const values = this.valuesOf(figures, now.processes);
    const levels = LEVELS.map((level) => {
      const { name, unit, target, alert } = level;
      const value = rounded(level, values[name]);
      return { name, unit, value, target, alert, state: stateOf(level, value) };
    });
    return { asOf: new Date(now.at).toISOString(), levels };
  }

  override history(): Promise<readonly LevelHistory[]> {
    const histories = LEVELS.map((level) => ({
      name: level.name,
      points: this.points.map(({ at, values }) => ({
        at: new Date(at).toISOString(),
        value: rounded(level, values[level.name]),
      })),
    }));
    return Promise.resolve(histories);
  }

  override async topRoutes(limit = 10): Promise<readonly RouteFigures[]> {
    const { figures } = await this.window();
    const byTime = figures.routes.toSorted((one, other) => other.seconds - one.seconds);
    return byTime.slice(0, limit).map((totals) => {
      const { method, route, requests, errors, seconds } = totals;
      const p95 = p95Ms(figures.bounds, [totals]);
      return { method, route, requests, p95Ms: p95, totalMs: seconds * 1_000, errorRate: errors / requests };
    });
  }

  override async cacheHitRatio(): Promise<CacheHitRatio | null> {
    const { l1, l2, stale, loaded } = (await this.window()).figures.cache;
    const all = l1 + l2 + stale + loaded;
    return all === 0 ? null : { l1: l1 / all, l2: l2 / all, overall: (all - loaded) / all };
  }

  /** From the oldest sample that is remembered to now. */
  private async window(): Promise<{ now: Sample; figures: Figures }> {
    const now = await this.fresh();
    return { now, figures: figuresBetween(this.samples[0] ?? now, now) };
  }

  private fresh(): Promise<Sample> {
    if (!this.latest || performance.now() - this.latestAt > FRESH_MS) {
      this.latestAt = performance.now();
      this.latest = this.source.take();
    }
    return this.latest;
  }

  private async sample(): Promise<void> {
    const now = await this.source.take();
    const previous = this.samples.at(-1);
    if (previous) this.capacity.add(now.at, figuresBetween(previous, now));
    this.samples = [...this.samples.filter(({ at }) => at > now.at - WINDOW_MS), now];
    this.minuteStart ??= now;
    if (Math.floor(now.at / MINUTE_MS) > Math.floor(this.minuteStart.at / MINUTE_MS))
      this.endMinute(this.minuteStart, now);
  }

  private endMinute(start: Sample, end: Sample): void {
    const values = this.valuesOf(figuresBetween(start, end), end.processes);
    this.points = [...this.points, { at: end.at, values }].slice(-MAX_POINTS);
    this.minuteStart = end;
  }

  private valuesOf({ p95Ms: p95, errors, requests, cpu, memory }: Figures, processes: number): Values {
    const { capacityRps } = this.options;
    return {
      response_time_p95_ms: p95,
      error_rate: requests === 0 ? null : errors / requests,
      requests_per_second: capacityRps === undefined ? this.capacity.estimate() : capacityRps * processes,
      cpu,
      memory,
    };
  }
}
