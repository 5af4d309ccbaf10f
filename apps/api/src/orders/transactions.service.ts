import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { idAfter } from '@app/database';
import { type Page, type PageQuery, Pagination } from '@app/rest';
import { Repository } from 'typeorm';
import { TransactionDto } from './dto/transaction.dto.js';
import { TransactionNotFoundError } from './order.errors.js';
import { OrderTransaction } from './order-transaction.entity.js';
import { OrdersService } from './orders.service.js';

/** The payments and refunds of an order, to read. */
@Injectable()
export class TransactionsService {
  constructor(
    @InjectRepository(OrderTransaction) private readonly transactions: Repository<OrderTransaction>,
    private readonly orders: OrdersService,
    private readonly pagination: Pagination,
  ) {}

  /** @throws OrderNotFoundError 404 */
  async list(
    orderId: string,
    query: PageQuery,
    by: { caller: Caller; wantsTotal: boolean },
  ): Promise<Page<TransactionDto>> {
    const { id } = await this.orders.read(orderId, by.caller);
    const scope = { list: `orders/${id}/transactions`, callerId: by.caller.id, query };
    return this.pagination.read(scope, async ({ after, take, close }) => {
      const [found, total] = await Promise.all([
        this.transactions.find({
          where: { orderId: id, ...(after && { id: idAfter('created_at', after) }) },
          order: { createdAt: 'DESC', id: 'DESC' },
          take,
        }),
        by.wantsTotal ? this.transactions.countBy({ orderId: id }) : undefined,
      ]);
      const { rows, page } = close(found, ({ createdAt, id: last }) => ({ at: createdAt, id: last }));
      return page(
        rows.map((row) => TransactionDto.from(row)),
        total,
      );
    });
  }

  /** @throws OrderNotFoundError 404, TransactionNotFoundError 404. */
  async read(orderId: string, transactionId: string, caller: Caller): Promise<OrderTransaction> {
    const order = await this.orders.read(orderId, caller);
    const transaction = await this.transactions.findOneBy({ id: transactionId, orderId: order.id });
    if (!transaction) throw new TransactionNotFoundError();
    return transaction;
  }
}
