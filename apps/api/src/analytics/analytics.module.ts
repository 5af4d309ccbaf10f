import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/index.js';
import { UsersModule } from '../users/index.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsService } from './analytics.service.js';

@Module({
  imports: [OrdersModule, UsersModule],
  controllers: [AnalyticsController],
  providers: [AnalyticsService],
})
export class AnalyticsModule {}
