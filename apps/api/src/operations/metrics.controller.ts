import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { ROUTE_NOT_FOUND } from '@app/problem';
import { NoStore, Operation, Produces } from '@app/rest';
import { MetricsPage } from '@app/telemetry';
import { register } from 'prom-client';
import { MetricsGuard } from './metrics.guard.js';

const TEXT = { schema: { type: 'string', example: 'plinth_redis_up 1\n' } } as const;

@ApiTags('Operations')
@Controller('metrics')
@UseGuards(MetricsGuard)
export class MetricsController {
  constructor(private readonly page: MetricsPage) {}

  @Get()
  @Public()
  @NoStore()
  @Produces('text/plain', 'text/plain; version=0.0.4')
  @Header('Content-Type', register.contentType)
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ content: { 'text/plain': TEXT } })
  @Operation({
    summary: 'Read the metrics of this process',
    description: 'Prometheus text. In production it wants `METRICS_TOKEN` as a bearer token.',
    answer: [200, 'All metrics of the process.'],
    problems: [ROUTE_NOT_FOUND],
  })
  readMetrics(): Promise<string> {
    return this.page.read();
  }
}
