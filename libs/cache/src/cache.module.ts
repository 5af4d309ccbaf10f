import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CacheOptions } from './cache-options.js';
import { CacheRuleBinder } from './cache-rule.binder.js';
import { InvalidationChannel } from './invalidation-channel.js';
import { LayeredCache } from './layered-cache.js';
import { RedisLevel } from './redis-level.js';
import { SharedLoader } from './shared-loader.js';

/** {@link LayeredCache}, and what `@CacheResult()` and `@InvalidatesCache()` promise. Needs the modules of database and Redis. */
@Global()
@Module({})
export class CacheModule {
  static forRoot(options: CacheOptions): DynamicModule {
    return {
      module: CacheModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: CacheOptions, useValue: options },
        RedisLevel,
        SharedLoader,
        InvalidationChannel,
        LayeredCache,
        CacheRuleBinder,
      ],
      exports: [CacheOptions, LayeredCache],
    };
  }
}
