import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '@app/auth';
import { Operation } from '@app/rest';
import { RateLimitWeight } from '@app/throttling';
import { RANGE_TOO_LARGE } from '../analytics.errors.js';
import { CohortsDto, CustomersDto, ProductsDto, RevenueSeriesDto, StatusesDto } from './dto/report.dto.js';
import { CohortsQuery, CustomersQuery, RangeQuery, RankingQuery, RevenueQuery } from './dto/report.queries.js';
import { ReportsService } from './reports.service.js';

const WHOLE_DAYS = 'The range is widened to whole days, UTC.';

/** Not kept by the cache: each is exact at the instant that it names, and costs no more for a longer history. */
@ApiTags('Analytics')
@Controller('analytics')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get('revenue')
  @Roles('analyst', 'admin')
  @RateLimitWeight(2)
  @Operation({
    summary: 'Revenue over time',
    description:
      'Payments minus refunds, each on its instant; orders and percentiles of their totals by when they were placed. As CSV and NDJSON the range alone.',
    answer: [200, 'The series.', RevenueSeriesDto],
    exported: true,
    problems: [RANGE_TOO_LARGE],
  })
  revenue(@Query() query: RevenueQuery): Promise<RevenueSeriesDto> {
    return this.reports.revenue(query);
  }

  @Get('customers')
  @Roles('analyst', 'admin')
  @RateLimitWeight(2)
  @Operation({
    summary: 'Rank customers',
    description: WHOLE_DAYS,
    answer: [200, 'The ranks.', CustomersDto],
    exported: true,
    problems: [RANGE_TOO_LARGE],
  })
  customers(@Query() query: CustomersQuery): Promise<CustomersDto> {
    return this.reports.customers(query);
  }

  @Get('products')
  @Roles('analyst', 'admin')
  @RateLimitWeight(2)
  @Operation({
    summary: 'Rank products',
    description: WHOLE_DAYS,
    answer: [200, 'The ranks.', ProductsDto],
    exported: true,
    problems: [RANGE_TOO_LARGE],
  })
  products(@Query() query: RankingQuery): Promise<ProductsDto> {
    return this.reports.products(query);
  }

  @Get('statuses')
  @Roles('analyst', 'admin')
  @RateLimitWeight(2)
  @Operation({
    summary: 'Count orders by state',
    description: WHOLE_DAYS,
    answer: [200, 'The counts.', StatusesDto],
    exported: true,
    problems: [RANGE_TOO_LARGE],
  })
  statuses(@Query() query: RangeQuery): Promise<StatusesDto> {
    return this.reports.statuses(query);
  }

  @Get('cohorts')
  @Roles('analyst', 'admin')
  @RateLimitWeight(5)
  @Operation({
    summary: 'Cohorts and retention',
    description: 'Users by the month of their registration, and how many of them ordered in each month since.',
    answer: [200, 'The cohorts.', CohortsDto],
    exported: true,
    problems: [RANGE_TOO_LARGE],
  })
  cohorts(@Query() query: CohortsQuery): Promise<CohortsDto> {
    return this.reports.cohorts(query);
  }
}
