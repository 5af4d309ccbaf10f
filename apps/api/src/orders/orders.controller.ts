import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, FORBIDDEN, OwnerOr, Roles } from '@app/auth';
import { CacheResult } from '@app/cache';
import {
  type Batch,
  CreatedAt,
  CURSOR_INVALID,
  EmptyBody,
  Idempotent,
  IdParam,
  IfMatch,
  Keyed,
  type KeyedRequest,
  NoStore,
  Operation,
  OptionalIfMatch,
  type Page,
  PRECONDITION_FAILED,
  PRECONDITION_REQUIRED,
  type Precondition,
  PrefersMinimal,
  PrefersTotal,
} from '@app/rest';
import { RateLimitWeight } from '@app/throttling';
import { CancelOrderDto } from './dto/ledger.dto.js';
import { ListOrdersQuery } from './dto/list-orders.query.js';
import { OrderDto } from './dto/order.dto.js';
import { PatchOrderDto, PlaceOrderDto } from './dto/place-order.dto.js';
import { type BatchedOrderDto, BatchedOrdersDto, ordersOf, PlaceOrdersDto } from './dto/place-orders.dto.js';
import { ORDER_NOT_EDITABLE, ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED } from './order.errors.js';
import { ONE_ORDER, ORDER_LIST } from './order-cache.js';
import { OrderBatchesService } from './order-batches.service.js';
import { OrderLedgerService } from './order-ledger.service.js';
import { OrdersService } from './orders.service.js';

const STEP_PROBLEMS = [ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED, PRECONDITION_FAILED];

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly ledger: OrderLedgerService,
    private readonly batches: OrderBatchesService,
  ) {}

  @Post()
  @Roles('customer')
  @Idempotent('required')
  @CreatedAt<OrderDto>(({ id }) => `/orders/${id}`)
  @Operation({
    summary: 'Place an order',
    description: 'For oneself. The total is computed from the items, never taken from the caller.',
    answer: [201, 'The new order.', OrderDto],
  })
  async placeOrder(@Body() input: PlaceOrderDto, @CurrentUser() caller: Caller): Promise<OrderDto> {
    return OrderDto.from(await this.orders.place(input, caller));
  }

  @Post('batch')
  @Roles('customer')
  @Idempotent('per-entry')
  @RateLimitWeight(10)
  @NoStore()
  @ApiBody({ type: PlaceOrdersDto })
  @Operation({
    summary: 'Place several orders',
    description:
      'Each order commits or fails by itself, as `POST /orders` with the key `<key>:<index>` would, where it can also be repeated alone. `Idempotent-Replayed` is sent when nothing new was done.',
    answer: [207, 'What became of each order.', BatchedOrdersDto],
  })
  placeOrders(
    @Body() body: unknown,
    @Keyed() request: KeyedRequest,
    @CurrentUser() caller: Caller,
    @PrefersMinimal() isMinimal: boolean,
  ): Promise<Batch<BatchedOrderDto>> {
    return this.batches.place(ordersOf(body), { caller, request, isMinimal });
  }

  @Get()
  @Roles('customer')
  @CacheResult(ORDER_LIST)
  @Operation({
    summary: 'List orders',
    description: 'Own orders, newest first; admins see those of everyone.',
    answer: [200, 'A page of orders.', OrderDto],
    paged: true,
    problems: [CURSOR_INVALID, FORBIDDEN],
  })
  listOrders(
    @Query() query: ListOrdersQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<OrderDto>> {
    return this.orders.list(query, caller, wantsTotal);
  }

  @Get(':id')
  @OwnerOr('admin')
  @CacheResult(ONE_ORDER)
  @Operation({ summary: 'Read an order', answer: [200, 'The order.', OrderDto], problems: [ORDER_NOT_FOUND] })
  async readOrder(@IdParam('id', 'The order.') id: string, @CurrentUser() caller: Caller): Promise<OrderDto> {
    return OrderDto.from(await this.orders.read(id, caller));
  }

  @Patch(':id')
  @OwnerOr('admin')
  @Operation({
    summary: 'Change an order',
    description: 'JSON merge patch: the note at any time, the items while the order is pending and unpaid.',
    answer: [200, 'The changed order.', OrderDto],
    problems: [ORDER_NOT_FOUND, ORDER_NOT_EDITABLE, PRECONDITION_REQUIRED, PRECONDITION_FAILED],
  })
  async changeOrder(
    @IdParam('id', 'The order.') id: string,
    @Body() patch: PatchOrderDto,
    @IfMatch() precondition: Precondition,
    @CurrentUser() caller: Caller,
  ): Promise<OrderDto> {
    return OrderDto.from(await this.orders.change(id, patch, { caller, precondition }));
  }

  @Post(':id/cancellation')
  @OwnerOr('admin')
  @Operation({
    summary: 'Cancel an order',
    description: 'The owner while it is pending, admins also when it is paid. What was paid is refunded.',
    answer: [200, 'The cancelled order.', OrderDto],
    problems: STEP_PROBLEMS,
  })
  async cancelOrder(
    @IdParam('id', 'The order.') id: string,
    @Body() { reason = null }: CancelOrderDto,
    @OptionalIfMatch() precondition: Precondition,
    @CurrentUser() caller: Caller,
  ): Promise<OrderDto> {
    return OrderDto.from(await this.ledger.cancel(id, reason, { caller, precondition }));
  }

  @Post(':id/shipment')
  @Roles('admin')
  @Operation({ summary: 'Ship a paid order', answer: [200, 'The shipped order.', OrderDto], problems: STEP_PROBLEMS })
  async shipOrder(
    @IdParam('id', 'The order.') id: string,
    @Body() _nothing: EmptyBody,
    @OptionalIfMatch() precondition: Precondition,
  ): Promise<OrderDto> {
    return OrderDto.from(await this.ledger.advance(id, 'shipped', precondition));
  }

  @Post(':id/delivery')
  @Roles('admin')
  @Operation({
    summary: 'Deliver a shipped order',
    answer: [200, 'The delivered order.', OrderDto],
    problems: STEP_PROBLEMS,
  })
  async deliverOrder(
    @IdParam('id', 'The order.') id: string,
    @Body() _nothing: EmptyBody,
    @OptionalIfMatch() precondition: Precondition,
  ): Promise<OrderDto> {
    return OrderDto.from(await this.ledger.advance(id, 'delivered', precondition));
  }
}
