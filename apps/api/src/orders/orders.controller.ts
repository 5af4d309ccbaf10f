import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, FORBIDDEN, OwnerOr, Roles } from '@app/auth';
import {
  CreatedAt,
  CURSOR_INVALID,
  EmptyBody,
  IdParam,
  IfMatch,
  Operation,
  OptionalIfMatch,
  type Page,
  PRECONDITION_FAILED,
  PRECONDITION_REQUIRED,
  type Precondition,
  PrefersTotal,
} from '@app/rest';
import { CancelOrderDto } from './dto/ledger.dto.js';
import { ListOrdersQuery } from './dto/list-orders.query.js';
import { OrderDto } from './dto/order.dto.js';
import { PatchOrderDto, PlaceOrderDto } from './dto/place-order.dto.js';
import { ORDER_NOT_EDITABLE, ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED } from './order.errors.js';
import { OrderLedgerService } from './order-ledger.service.js';
import { OrdersService } from './orders.service.js';

const STEP_PROBLEMS = [ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED, PRECONDITION_FAILED];

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly ledger: OrderLedgerService,
  ) {}

  @Post()
  @Roles('customer')
  @CreatedAt<OrderDto>(({ id }) => `/orders/${id}`)
  @Operation({
    summary: 'Place an order',
    description: 'For oneself. The total is computed from the items, never taken from the caller.',
    answer: [201, 'The new order.', OrderDto],
  })
  async placeOrder(@Body() input: PlaceOrderDto, @CurrentUser() caller: Caller): Promise<OrderDto> {
    return OrderDto.from(await this.orders.place(input, caller));
  }

  @Get()
  @Roles('customer')
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
