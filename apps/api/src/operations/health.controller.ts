import { Controller, Get, UseFilters } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthCheckResult, TypeOrmHealthIndicator } from '@nestjs/terminus';
import { Public } from '@app/auth';
import { NoStore, Operation } from '@app/rest';
import { DrainHealth } from './drain.health.js';
import { HealthDto } from './dto/health.dto.js';
import { HealthFilter } from './health.filter.js';
import { RedisHealth } from './redis.health.js';

const DATABASE_TIMEOUT_MS = 1_000;
const DOWN = { status: 503, description: 'Not healthy; `error` says what.', type: HealthDto };

@ApiTags('Operations')
@Controller('health')
@UseFilters(HealthFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly redis: RedisHealth,
    private readonly drain: DrainHealth,
  ) {}

  @Get('live')
  @Public()
  @NoStore()
  @Operation({ summary: 'Tell whether the process runs', answer: [200, 'It runs.', HealthDto] })
  readLiveness(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Public()
  @NoStore()
  @ApiResponse(DOWN)
  @Operation({
    summary: 'Tell whether requests can be answered',
    answer: [200, 'They can; `degraded` without Redis.', HealthDto],
  })
  readReadiness(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database').withTimeout(DATABASE_TIMEOUT_MS),
      () => this.redis.check(),
      () => this.drain.check(),
    ]);
  }

  @Get('startup')
  @Public()
  @NoStore()
  @Operation({ summary: 'Tell whether the start is over', answer: [200, 'It is; nothing listens before.', HealthDto] })
  readStartup(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }
}
