import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LevelReport, ServiceLevel } from '@app/telemetry';

@ApiSchema({ name: 'ServiceLevel', description: 'A service level as it stands.' })
export class ServiceLevelDto implements ServiceLevel {
  @ApiProperty({
    description: 'Which one.',
    enum: ['response_time_p95_ms', 'error_rate', 'requests_per_second', 'cpu', 'memory'],
    example: 'response_time_p95_ms',
  })
  readonly name: ServiceLevel['name'];

  @ApiProperty({
    description: 'Of value, target and alert; a `ratio` is 0 to 1.',
    enum: ['ms', 'ratio', '1/s'],
    example: 'ms',
  })
  readonly unit: ServiceLevel['unit'];

  @ApiProperty({
    description: 'Over the last five minutes; null when it is not known.',
    type: 'number',
    nullable: true,
    example: 12.5,
  })
  readonly value: number | null;

  @ApiProperty({ description: 'What it should be better than.', example: 200 })
  readonly target: number;

  @ApiProperty({ description: 'What is worse than this needs somebody.', example: 500 })
  readonly alert: number;

  @ApiProperty({
    description: '`warn` between target and alert.',
    enum: ['ok', 'warn', 'alert', 'unknown'],
    example: 'ok',
  })
  readonly state: ServiceLevel['state'];
}

@ApiSchema({ name: 'Status', description: 'The service levels.' })
export class StatusDto implements LevelReport {
  @ApiProperty({ description: 'When they were read.', format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  readonly asOf: string;

  @ApiProperty({ description: 'All five, always in this order.', type: [ServiceLevelDto] })
  readonly levels: readonly ServiceLevelDto[];
}
