import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { RedisConnection } from '@app/redis';
import { AddressLimit, DEFAULT_POLICY } from './address-limit.js';
import { AttemptLimit } from './attempt-limit.js';
import { RateLimitOptions } from './rate-limit-options.js';
import { MemoryRateLimitStore } from './store/memory-rate-limit.store.js';
import { PortionedRateLimitStore } from './store/portioned-rate-limit.store.js';
import { RateLimitStore } from './store/rate-limit-store.js';
import { RedisRateLimitStore } from './store/redis-rate-limit.store.js';

/** Limits of requests and of failed attempts, counted in Redis or, without one, in the memory of the process. */
@Global()
@Module({})
export class ThrottlingModule {
  static forRoot(options: RateLimitOptions): DynamicModule {
    const throttlers = [{ name: DEFAULT_POLICY, limit: options.max, ttl: options.windowS * 1_000 }];
    return {
      module: ThrottlingModule,
      imports: [
        ThrottlerModule.forRootAsync({
          inject: [RateLimitStore],
          useFactory: (storage: RateLimitStore) => ({ throttlers, storage }),
        }),
      ],
      providers: [
        { provide: RateLimitOptions, useValue: options },
        { provide: RateLimitStore, inject: [RedisConnection], useFactory: storeOn },
        AddressLimit,
        AttemptLimit,
      ],
      exports: [RateLimitStore, AddressLimit, AttemptLimit],
    };
  }
}

function storeOn(redis: RedisConnection): RateLimitStore {
  const memory = new MemoryRateLimitStore();
  return redis.isConfigured ? new PortionedRateLimitStore(new RedisRateLimitStore(redis, memory)) : memory;
}
