import { type DynamicModule, Module } from '@nestjs/common';
import { Tracing } from './tracing.js';
import type { TracingSettings } from './tracing-settings.js';

/** Records what requests and jobs do, where it is told whom to send that to. */
@Module({})
export class TracingModule {
  /** @param settings undefined: nothing is recorded, and nothing for it loaded. */
  static forRoot(settings: TracingSettings | undefined): DynamicModule {
    return {
      module: TracingModule,
      providers: [{ provide: Tracing, useFactory: () => new Tracing(settings) }],
    };
  }
}
