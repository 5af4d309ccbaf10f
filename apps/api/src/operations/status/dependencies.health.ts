import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult, TypeOrmHealthIndicator } from '@nestjs/terminus';
import { RedisHealth } from '../redis.health.js';
import type { Dependency } from './status-figures.js';

const DATABASE_TIMEOUT_MS = 1_000;
const ABSENT = { status: 'absent' };

/** What the process needs, as the health checks see it; of what they say, only state and time leave. */
@Injectable()
export class DependenciesHealth {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly redis: RedisHealth,
  ) {}

  async look(): Promise<readonly Dependency[]> {
    const parts = await this.check();
    return [
      dependency('PostgreSQL', { status: 'down', ...parts['database'] }),
      dependency('Redis', { ...ABSENT, ...parts['redis'] }),
    ];
  }

  private async check(): Promise<HealthCheckResult['details']> {
    try {
      const { details } = await this.health.check([
        () => this.database.pingCheck('database').withTimeout(DATABASE_TIMEOUT_MS),
        () => this.redis.check(),
      ]);
      return details;
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      const result: Partial<HealthCheckResult> = Object(error.getResponse());
      return result.details ?? {};
    }
  }
}

function dependency(name: string, part: { readonly status: string; readonly responseTime?: unknown }): Dependency {
  const { status, responseTime } = part;
  return { name, state: stateOf(status), responseMs: typeof responseTime === 'number' ? responseTime : null };
}

function stateOf(status: string): Dependency['state'] {
  return status === 'up' || status === 'degraded' || status === 'absent' ? status : 'down';
}
