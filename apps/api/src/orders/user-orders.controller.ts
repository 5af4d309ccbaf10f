import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, OwnerOr } from '@app/auth';
import { CacheResult } from '@app/cache';
import { CURSOR_INVALID, IdParam, Operation, type Page, PrefersTotal } from '@app/rest';
import { USER_NOT_FOUND } from '../users/index.js';
import { ListUserOrdersQuery } from './dto/list-orders.query.js';
import { OrderDto } from './dto/order.dto.js';
import { ORDERS_OF_USER } from './order-cache.js';
import { OrdersService } from './orders.service.js';

@ApiTags('Orders')
@Controller('users/:id/orders')
export class UserOrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @OwnerOr('admin')
  @CacheResult(ORDERS_OF_USER)
  @Operation({
    summary: 'List the orders of a user',
    answer: [200, 'A page of orders.', OrderDto],
    paged: true,
    problems: [USER_NOT_FOUND, CURSOR_INVALID],
  })
  listUserOrders(
    @IdParam('id', 'The user.') id: string,
    @Query() query: ListUserOrdersQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<OrderDto>> {
    return this.orders.listOf(id, query, { caller, wantsTotal });
  }
}
