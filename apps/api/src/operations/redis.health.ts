import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { RedisConnection } from '@app/redis';

/** What the connection knows of Redis: it asks nothing and never waits. Without Redis everything works, only slower. */
@Injectable()
export class RedisHealth {
  constructor(
    private readonly redis: RedisConnection,
    private readonly health: HealthIndicatorService,
  ) {}

  /** No part at all in single-instance mode. */
  check(): Partial<HealthIndicatorResult<'redis'>> {
    if (!this.redis.isConfigured) return {};
    const indicator = this.health.check('redis');
    return this.redis.isUp && !this.redis.isRefusing ? indicator.up() : indicator.degraded();
  }
}
