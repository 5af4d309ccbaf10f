import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { ROUTE_NOT_FOUND } from '@app/problem';
import { NoStore, Operation } from '@app/rest';
import { ServiceLevels } from '@app/telemetry';
import { StatusDto } from './dto/status.dto.js';
import { MetricsGuard } from './metrics.guard.js';

@ApiTags('Operations')
@Controller('status.json')
@UseGuards(MetricsGuard)
export class StatusController {
  constructor(private readonly levels: ServiceLevels) {}

  @Get()
  @Public()
  @NoStore()
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Read the service levels',
    description: 'Of this process. In production it wants `METRICS_TOKEN` as a bearer token.',
    answer: [200, 'The levels against target and alert.', StatusDto],
    problems: [ROUTE_NOT_FOUND],
  })
  readStatus(): Promise<StatusDto> {
    return this.levels.report();
  }
}
