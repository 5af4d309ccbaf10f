import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/index.js';
import { UsersModule } from '../users/index.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsService } from './analytics.service.js';
import { CohortsService } from './reports/cohorts.service.js';
import { KeptFigures } from './reports/kept-figures.js';
import { RankingsService } from './reports/rankings.service.js';
import { ReportsController } from './reports/reports.controller.js';
import { ReportsService } from './reports/reports.service.js';
import { RevenueService } from './reports/revenue.service.js';
import { RollupFolder } from './rollups/rollup.folder.js';
import { RollupVerification } from './rollups/rollup.verification.js';

@Module({
  imports: [OrdersModule, UsersModule],
  controllers: [AnalyticsController, ReportsController],
  providers: [
    AnalyticsService,
    CohortsService,
    KeptFigures,
    RankingsService,
    ReportsService,
    RevenueService,
    RollupFolder,
    RollupVerification,
  ],
})
export class AnalyticsModule {}
