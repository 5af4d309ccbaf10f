import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MetricsPage } from './metrics-page.js';
import { Peers } from './processes/peers.js';
import { AllSamples } from './service-levels/all-samples.js';
import { ProcessSamples } from './service-levels/process-samples.js';
import { SampleSource } from './service-levels/sample-source.js';
import { SampledServiceLevels } from './service-levels/sampled-service-levels.js';
import { ServiceLevels } from './service-levels/service-levels.js';
import { TelemetryOptions } from './telemetry-options.js';

/** What the process tells of itself. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot(options: TelemetryOptions): DynamicModule {
    return {
      module: TelemetryModule,
      providers: [
        MetricsPage,
        Peers,
        { provide: TelemetryOptions, useValue: options },
        ProcessSamples,
        { provide: SampleSource, useClass: AllSamples },
        { provide: ServiceLevels, useClass: SampledServiceLevels },
      ],
      exports: [MetricsPage, ServiceLevels],
    };
  }
}
