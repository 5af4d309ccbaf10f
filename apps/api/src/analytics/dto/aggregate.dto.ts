import { ApiProperty, ApiSchema } from '@nestjs/swagger';

const BY_CURRENCY = {
  type: 'object',
  additionalProperties: { type: 'integer', format: 'int64' },
  example: { USD: 123456 },
} as const;
export const AS_OF = {
  description: 'The instant that the figures are of.',
  example: '2026-01-31T12:00:00.000Z',
  format: 'date-time',
} as const;

@ApiSchema({ name: 'Aggregate', description: 'Figures over everything.' })
export class AggregateDto {
  @ApiProperty({ description: 'Users that are not deleted.', example: 300, type: 'integer' })
  readonly users: number;

  @ApiProperty({ description: 'Orders, whatever became of them.', example: 4000, type: 'integer' })
  readonly orders: number;

  @ApiProperty({ description: 'Payments minus refunds in minor units, by currency.', ...BY_CURRENCY })
  readonly revenue: Readonly<Record<string, number>>;

  @ApiProperty(AS_OF)
  readonly asOf: Date;
}

@ApiSchema({ name: 'UserAnalytics', description: 'Figures over the orders of one user.' })
export class UserAnalyticsDto {
  @ApiProperty({ description: 'The user.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10', format: 'uuid' })
  readonly userId: string;

  @ApiProperty({ description: 'Orders, whatever became of them.', example: 12, type: 'integer' })
  readonly ordersCount: number;

  @ApiProperty({ description: 'Payments minus refunds in minor units, by currency.', ...BY_CURRENCY })
  readonly revenue: Readonly<Record<string, number>>;

  @ApiProperty({
    description: 'Mean total of the orders that are not cancelled, rounded half up, by currency.',
    ...BY_CURRENCY,
  })
  readonly averageOrderCents: Readonly<Record<string, number>>;

  @ApiProperty({
    description: 'When the first order was placed.',
    example: '2026-01-01T09:00:00.000Z',
    type: String,
    format: 'date-time',
    nullable: true,
  })
  readonly firstOrderAt: Date | null;

  @ApiProperty({
    description: 'When the last order was placed.',
    example: '2026-01-31T09:00:00.000Z',
    type: String,
    format: 'date-time',
    nullable: true,
  })
  readonly lastOrderAt: Date | null;

  @ApiProperty(AS_OF)
  readonly asOf: Date;
}
