import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ORDER_STATUSES, type OrderStatus } from '../../../orders/index.js';
import { GRANULARITIES, type Granularity } from '../calendar.js';
import { AS_OF } from '../../dto/aggregate.dto.js';

const instant = (description: string, example: string) => ({ description, example, format: 'date-time' }) as const;
const count = (description: string, example: number) => ({ description, example, type: 'integer' }) as const;
const cents = (description: string, example: number) =>
  ({ description, example, type: 'integer', format: 'int64' }) as const;
const rows = (type: new () => object, description: string) => ({ type, isArray: true, description }) as const;

const CURRENCY = { description: 'ISO 4217 code.', example: 'USD' } as const;
const TIMEZONE = { description: 'IANA time zone of the buckets.', example: 'Europe/Berlin' } as const;
const USER_ID = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10';

@ApiSchema({ name: 'ReportRange', description: 'What a report is about.' })
class RangeDto {
  @ApiProperty(instant('Start, widened to whole buckets.', '2025-12-31T23:00:00.000Z'))
  readonly from: Date;

  @ApiProperty(instant('End, widened to whole buckets; not in the range.', '2026-01-31T23:00:00.000Z'))
  readonly to: Date;

  @ApiProperty(AS_OF)
  readonly asOf: Date;
}

@ApiSchema({ name: 'RevenueBucket', description: 'Revenue of one bucket of time.' })
export class RevenueBucketDto {
  @ApiProperty(instant('Start, with the offset of the zone.', '2026-01-01T00:00:00.000+01:00'))
  readonly start: string;

  @ApiProperty(instant('End, with the offset of the zone; not in the bucket.', '2026-01-02T00:00:00.000+01:00'))
  readonly end: string;

  @ApiProperty(count('Orders placed, whatever became of them.', 12))
  readonly orders: number;

  @ApiProperty(cents('Payments.', 123456))
  readonly paymentsCents: number;

  @ApiProperty(cents('Refunds, on the instant of the refund.', 3456))
  readonly refundsCents: number;

  @ApiProperty(cents('Payments minus refunds.', 120000))
  readonly netCents: number;

  @ApiProperty({ ...cents('Median of the totals of the orders placed; null without any.', 4900), nullable: true })
  readonly p50OrderCents: number | null;

  @ApiProperty({ ...cents('95th percentile of these totals; null without any.', 19900), nullable: true })
  readonly p95OrderCents: number | null;
}

@ApiSchema({ name: 'RevenueSeries', description: 'Revenue over time; buckets without anything are there, too.' })
export class RevenueSeriesDto extends RangeDto {
  @ApiProperty({
    description: 'Length of a bucket.',
    enum: [...GRANULARITIES],
    enumName: 'Granularity',
    example: 'day',
  })
  readonly granularity: Granularity;

  @ApiProperty(TIMEZONE)
  readonly timezone: string;

  @ApiProperty(CURRENCY)
  readonly currency: string;

  @ApiProperty(rows(RevenueBucketDto, 'Buckets in their order.'))
  readonly data: readonly RevenueBucketDto[];

  @ApiPropertyOptional(rows(RevenueBucketDto, 'As many buckets before, on `compare=previous`.'))
  readonly previous?: readonly RevenueBucketDto[];
}

@ApiSchema({ name: 'CustomerRank', description: 'What one customer ordered and paid in the range.' })
export class CustomerRankDto {
  @ApiProperty({ description: 'The user.', example: USER_ID, format: 'uuid' })
  readonly userId: string;

  @ApiProperty({ description: 'Name.', example: 'Ada Lovelace' })
  readonly name: string;

  @ApiProperty(count('Orders placed, whatever became of them.', 12))
  readonly orders: number;

  @ApiProperty(cents('Payments minus refunds.', 120000))
  readonly netCents: number;
}

@ApiSchema({ name: 'CustomersReport', description: 'Customers, the best first.' })
export class CustomersDto extends RangeDto {
  @ApiProperty(CURRENCY)
  readonly currency: string;

  @ApiProperty(rows(CustomerRankDto, 'Customers, the best first.'))
  readonly data: readonly CustomerRankDto[];
}

@ApiSchema({ name: 'ProductRank', description: 'What was ordered of one product in the range.' })
export class ProductRankDto {
  @ApiProperty({ description: 'Stock keeping unit.', example: 'TEA-GREEN-100' })
  readonly sku: string;

  @ApiProperty({ description: 'What it is called in the newest order that has it.', example: 'Green tea, 100 g' })
  readonly name: string;

  @ApiProperty(count('Orders that have it, whatever became of them.', 12))
  readonly orders: number;

  @ApiProperty(count('Pieces.', 30))
  readonly quantity: number;

  @ApiProperty(cents('Sum of its lines.', 23700))
  readonly grossCents: number;
}

@ApiSchema({ name: 'ProductsReport', description: 'Products, those that earned most first.' })
export class ProductsDto extends RangeDto {
  @ApiProperty(CURRENCY)
  readonly currency: string;

  @ApiProperty(rows(ProductRankDto, 'Products, those that earned most first.'))
  readonly data: readonly ProductRankDto[];
}

@ApiSchema({ name: 'StatusCount', description: 'Orders of the range that are in one state now.' })
export class StatusCountDto {
  @ApiProperty({ description: 'State.', enum: [...ORDER_STATUSES], enumName: 'OrderStatus', example: 'paid' })
  readonly status: OrderStatus;

  @ApiProperty(count('Orders.', 12))
  readonly orders: number;
}

@ApiSchema({ name: 'StatusesReport', description: 'Orders of the range by the state that they are in now.' })
export class StatusesDto extends RangeDto {
  @ApiProperty(rows(StatusCountDto, 'Every state, in the order of an order’s life.'))
  readonly data: readonly StatusCountDto[];
}

@ApiSchema({ name: 'Cohort', description: 'Users that registered in one month.' })
export class CohortDto {
  @ApiProperty({ description: 'The month.', example: '2026-01', pattern: '^\\d{4,}-\\d{2}$' })
  readonly cohort: string;

  @ApiProperty(count('Users that registered in it, deleted ones too.', 100))
  readonly users: number;

  @ApiProperty({
    description: 'How many of them placed an order in that month, the one after it, and so on to the end of the range.',
    type: 'array',
    items: { type: 'integer' },
    example: [60, 41, 33],
  })
  readonly active: readonly number[];
}

@ApiSchema({ name: 'CohortsReport', description: 'Users by the month of their registration, and how many stay.' })
export class CohortsDto extends RangeDto {
  @ApiProperty({ description: 'Cohorts are of months.', enum: ['month'], example: 'month' })
  readonly granularity: 'month';

  @ApiProperty(TIMEZONE)
  readonly timezone: string;

  @ApiProperty(rows(CohortDto, 'Months in their order.'))
  readonly data: readonly CohortDto[];
}
