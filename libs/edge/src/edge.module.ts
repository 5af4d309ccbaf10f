import { type DynamicModule, Module } from '@nestjs/common';
import { Drain } from './drain.js';
import { DrainOptions } from './drain-options.js';

/** The end of the server. What stands before the router is mounted where the application is made. */
@Module({})
export class EdgeModule {
  static forRoot(options: DrainOptions): DynamicModule {
    return {
      module: EdgeModule,
      global: true,
      providers: [{ provide: DrainOptions, useValue: options }, Drain],
      exports: [Drain],
    };
  }
}
