import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, OwnerOr, Roles } from '@app/auth';
import { CacheResult } from '@app/cache';
import {
  CreatedAt,
  CURSOR_INVALID,
  Idempotent,
  IdParam,
  Operation,
  type Page,
  PageQuery,
  PrefersTotal,
} from '@app/rest';
import { PayOrderDto, RefundOrderDto } from './dto/ledger.dto.js';
import { TransactionDto } from './dto/transaction.dto.js';
import {
  ORDER_NOT_FOUND,
  ORDER_TRANSITION_NOT_ALLOWED,
  PAYMENT_EXCEEDS_DUE,
  REFUND_EXCEEDS_PAID,
  TRANSACTION_NOT_FOUND,
} from './order.errors.js';
import { ONE_ORDER } from './order-cache.js';
import { OrderLedgerService } from './order-ledger.service.js';
import { TransactionsService } from './transactions.service.js';

const transactionPath = ({ orderId, id }: TransactionDto): string => `/orders/${orderId}/transactions/${id}`;

@ApiTags('Orders')
@Controller('orders/:id')
export class TransactionsController {
  constructor(
    private readonly ledger: OrderLedgerService,
    private readonly transactions: TransactionsService,
  ) {}

  @Post('payments')
  @OwnerOr('admin')
  @Idempotent('required')
  @CreatedAt<TransactionDto>(transactionPath)
  @Operation({
    summary: 'Pay an order',
    description: 'Part payments add up; the full amount makes the order `paid`.',
    answer: [201, 'The payment.', TransactionDto],
    problems: [ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED, PAYMENT_EXCEEDS_DUE],
  })
  async payOrder(
    @IdParam('id', 'The order.') id: string,
    @Body() input: PayOrderDto,
    @CurrentUser() caller: Caller,
  ): Promise<TransactionDto> {
    return TransactionDto.from(await this.ledger.pay(id, input, caller));
  }

  @Post('refunds')
  @Roles('admin')
  @Idempotent('required')
  @CreatedAt<TransactionDto>(transactionPath)
  @Operation({
    summary: 'Refund an order',
    description: 'Part refunds add up; when all is refunded, the order is `refunded`.',
    answer: [201, 'The refund.', TransactionDto],
    problems: [ORDER_NOT_FOUND, ORDER_TRANSITION_NOT_ALLOWED, REFUND_EXCEEDS_PAID],
  })
  async refundOrder(@IdParam('id', 'The order.') id: string, @Body() input: RefundOrderDto): Promise<TransactionDto> {
    return TransactionDto.from(await this.ledger.refund(id, input));
  }

  @Get('transactions')
  @OwnerOr('admin')
  @CacheResult(ONE_ORDER)
  @Operation({
    summary: 'List payments and refunds',
    answer: [200, 'A page of transactions.', TransactionDto],
    paged: true,
    problems: [ORDER_NOT_FOUND, CURSOR_INVALID],
  })
  listTransactions(
    @IdParam('id', 'The order.') id: string,
    @Query() query: PageQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<TransactionDto>> {
    return this.transactions.list(id, query, { caller, wantsTotal });
  }

  @Get('transactions/:transactionId')
  @OwnerOr('admin')
  @CacheResult(ONE_ORDER)
  @Operation({
    summary: 'Read a payment or refund',
    answer: [200, 'The transaction.', TransactionDto],
    problems: [ORDER_NOT_FOUND, TRANSACTION_NOT_FOUND],
  })
  async readTransaction(
    @IdParam('id', 'The order.') id: string,
    @IdParam('transactionId', 'The transaction.') transactionId: string,
    @CurrentUser() caller: Caller,
  ): Promise<TransactionDto> {
    return TransactionDto.from(await this.transactions.read(id, transactionId, caller));
  }
}
