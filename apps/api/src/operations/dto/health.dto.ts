import { ApiProperty, ApiSchema } from '@nestjs/swagger';

const PARTS = { type: 'object', additionalProperties: { type: 'object', additionalProperties: true } } as const;

@ApiSchema({ name: 'Health', description: 'Whether the process, and what it needs, is well.' })
export class HealthDto {
  @ApiProperty({ description: 'The verdict.', example: 'ok', enum: ['ok', 'degraded', 'error', 'shutting_down'] })
  readonly status: string;

  @ApiProperty({
    description: 'Parts that are up, or `degraded`: requests are answered without them.',
    example: { database: { status: 'up' } },
    ...PARTS,
  })
  readonly info: Readonly<Record<string, object>>;

  @ApiProperty({ description: 'Parts that are down.', example: {}, ...PARTS })
  readonly error: Readonly<Record<string, object>>;

  @ApiProperty({ description: 'All parts.', example: { database: { status: 'up' } }, ...PARTS })
  readonly details: Readonly<Record<string, object>>;
}
