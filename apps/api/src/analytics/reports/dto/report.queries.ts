import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IntegerField, OneOfField, parseInstant, rule } from '@app/rest';
import { IsOptional } from 'class-validator';
import { CurrencyField } from '../../../orders/index.js';
import { GRANULARITIES, type Granularity, isTimezone } from '../calendar.js';

/** An RFC 3339 instant or a bare date. It stays text: what a date begins with depends on the time zone. */
function RangeField(description: string, example: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description, type: String, format: 'date-time', example, required: false }),
    IsOptional(),
    rule(
      'instant',
      (value) => typeof value === 'string' && parseInstant(value) !== undefined,
      '$property must be an RFC 3339 time, such as 2026-01-31T12:00:00Z, or a date',
    ),
  );
}

function TimezoneField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      description: 'IANA time zone that the buckets are of.',
      type: String,
      example: 'Europe/Berlin',
      default: 'UTC',
      required: false,
    }),
    IsOptional(),
    rule('timezone', isTimezone, '$property must be an IANA time zone, such as Europe/Berlin'),
  );
}

export class RangeQuery {
  @RangeField(
    'Start of the range; a bare date is its midnight. 30 days before `to` unless given.',
    '2026-01-01T00:00:00Z',
  )
  readonly from?: string;

  @RangeField(
    'End of the range, which is not in it; a bare date is its midnight. Now unless given.',
    '2026-02-01T00:00:00Z',
  )
  readonly to?: string;
}

export class RankingQuery extends RangeQuery {
  @CurrencyField()
  readonly currency: string;

  @IntegerField({
    description: 'Rows, at most.',
    example: 10,
    min: 1,
    max: 100,
    default: 10,
    fromText: true,
    optional: true,
  })
  readonly limit: number = 10;
}

export const RANKED_BY = ['revenue', 'orders'] as const;

export class CustomersQuery extends RankingQuery {
  @OneOfField({
    description: 'What they are ranked by; `revenue` unless given.',
    values: RANKED_BY,
    example: 'revenue',
    optional: true,
  })
  readonly sort: (typeof RANKED_BY)[number] = 'revenue';
}

export class RevenueQuery extends RangeQuery {
  @CurrencyField()
  readonly currency: string;

  @OneOfField({
    description: 'Length of a bucket; `day` unless given. Weeks start on Monday.',
    values: GRANULARITIES,
    example: 'day',
    enumName: 'Granularity',
    optional: true,
  })
  readonly granularity: Granularity = 'day';

  @TimezoneField()
  readonly timezone: string = 'UTC';

  @OneOfField({
    description: 'Adds the same number of buckets before the range.',
    values: ['previous'],
    example: 'previous',
    optional: true,
  })
  readonly compare?: 'previous';
}

export class CohortsQuery extends RangeQuery {
  @OneOfField({ description: 'Cohorts are of months.', values: ['month'], example: 'month', optional: true })
  readonly granularity = 'month' as const;

  @TimezoneField()
  readonly timezone: string = 'UTC';
}
