import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UserOrders, UsersModule } from '../users/index.js';
import { Order } from './order.entity.js';
import { OrderItem } from './order-item.entity.js';
import { OrderBatchesService } from './order-batches.service.js';
import { OrderLedgerService } from './order-ledger.service.js';
import { OrderTransaction } from './order-transaction.entity.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { TransactionsController } from './transactions.controller.js';
import { TransactionsService } from './transactions.service.js';
import { UserOrderSummaries } from './user-order-summaries.js';
import { UserOrdersController } from './user-orders.controller.js';

/** Global, because it answers what the users feature asks for. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderItem, OrderTransaction]), UsersModule],
  controllers: [OrdersController, TransactionsController, UserOrdersController],
  providers: [
    OrderBatchesService,
    OrderLedgerService,
    OrdersService,
    TransactionsService,
    UserOrderSummaries,
    { provide: UserOrders, useExisting: UserOrderSummaries },
  ],
  exports: [TypeOrmModule, UserOrders],
})
export class OrdersModule {}
