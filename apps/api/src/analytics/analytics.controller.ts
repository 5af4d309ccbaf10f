import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, OwnerOr, Roles } from '@app/auth';
import { CacheResult, type RouteCall } from '@app/cache';
import { IdParam, Operation } from '@app/rest';
import { ordersOf } from '../orders/index.js';
import { ORDERS, USER_NOT_FOUND, USERS, userTag } from '../users/index.js';
import { AnalyticsService } from './analytics.service.js';
import { AggregateDto, UserAnalyticsDto } from './dto/aggregate.dto.js';

/** What is written past the application shows soon: the figures cost little. */
const EVERYTHING = { ttlMs: 5_000, staleMs: 5_000 };
const OF_USER = { ttlMs: 300_000, staleMs: 60_000 };

@ApiTags('Analytics')
@Controller()
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Get('aggregate')
  @Roles('analyst', 'admin')
  @CacheResult({ ...EVERYTHING, scope: 'public', tags: () => [USERS, ORDERS] })
  @Operation({ summary: 'Count users, orders and revenue', answer: [200, 'The figures.', AggregateDto] })
  aggregate(): Promise<AggregateDto> {
    return this.analytics.aggregate();
  }

  @Get('users/:id/analytics')
  @OwnerOr('analyst', 'admin')
  @CacheResult({
    ...OF_USER,
    scope: 'user',
    tags: ({ params: { id = '' } }: RouteCall) => [ordersOf(id), userTag(id)],
  })
  @Operation({
    summary: 'Sum up the orders of a user',
    answer: [200, 'The figures.', UserAnalyticsDto],
    problems: [USER_NOT_FOUND],
  })
  analyseUser(@IdParam('id', 'The user.') id: string, @CurrentUser() caller: Caller): Promise<UserAnalyticsDto> {
    return this.analytics.ofUser(id, caller);
  }
}
