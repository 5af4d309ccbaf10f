export { requestMetrics } from './http/request.metrics.js';
export { MetricsPage } from './metrics-page.js';
export type { LevelName, LevelState, LevelUnit } from './service-levels/level.js';
export type { Allowance, RouteTotals, Sample } from './service-levels/sample.js';
export { SampleSource } from './service-levels/sample-source.js';
export {
  type CacheHitRatio,
  type LevelHistory,
  type LevelPoint,
  type LevelReport,
  type RouteFigures,
  type ServiceLevel,
  ServiceLevels,
} from './service-levels/service-levels.js';
export { relayBetweenWorkers } from './processes/relay.js';
export { TelemetryModule } from './telemetry.module.js';
export { TelemetryOptions } from './telemetry-options.js';
export { TracingModule } from './tracing/tracing.module.js';
export type { TracingSettings } from './tracing/tracing-settings.js';
