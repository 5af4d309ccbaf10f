import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UserOrders, UsersModule } from '../users/index.js';
import { Order } from './order.entity.js';
import { OrderItem } from './order-item.entity.js';
import { OrderBatchesService } from './order-batches.service.js';
import { OrderLedgerService } from './order-ledger.service.js';
import { OrderTransaction } from './order-transaction.entity.js';
import { ImportJobsPersonalData } from './import/import-jobs.personal-data.js';
import { ImportedOrdersService } from './import/imported-orders.service.js';
import { OrderImport } from './import/order-import.entity.js';
import { OrdersImportHandler } from './import/orders-import.handler.js';
import { OrdersController } from './orders.controller.js';
import { OrdersPersonalData } from './orders.personal-data.js';
import { OrdersService } from './orders.service.js';
import { TransactionsController } from './transactions.controller.js';
import { TransactionsService } from './transactions.service.js';
import { UserOrderSummaries } from './user-order-summaries.js';
import { UserOrdersController } from './user-orders.controller.js';

/** Global, because it answers what the users feature asks for. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderImport, OrderItem, OrderTransaction]), UsersModule],
  controllers: [OrdersController, TransactionsController, UserOrdersController],
  providers: [
    ImportJobsPersonalData,
    ImportedOrdersService,
    OrderBatchesService,
    OrderLedgerService,
    OrdersImportHandler,
    OrdersPersonalData,
    OrdersService,
    TransactionsService,
    UserOrderSummaries,
    { provide: UserOrders, useExisting: UserOrderSummaries },
  ],
  exports: [TypeOrmModule, UserOrders],
})
export class OrdersModule {}
