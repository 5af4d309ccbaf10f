import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { newId, Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import type { Precondition } from '@app/rest';
import { type EntityManager, Repository } from 'typeorm';
import { OrderDto } from './dto/order.dto.js';
import type { PayOrderDto, RefundOrderDto } from './dto/ledger.dto.js';
import type { Order } from './order.entity.js';
import { OrderTransaction } from './order-transaction.entity.js';
import { OrdersService } from './orders.service.js';
import { advance, cancel, pay, refund } from './order.js';

type Movement = Pick<OrderTransaction, 'kind' | 'amountCents' | 'method' | 'reason'>;

interface By {
  readonly caller: Caller;
  readonly precondition: Precondition;
}

/**
 * Everything that moves money or the state of an order. Each change locks the order first, so changes of one order queue
 * and each sees what the one before left; the row and its movement commit together.
 */
@Injectable()
export class OrderLedgerService {
  private readonly log = new AppLogger(OrderLedgerService.name);

  constructor(
    @InjectRepository(OrderTransaction) private readonly transactions: Repository<OrderTransaction>,
    private readonly orders: OrdersService,
    private readonly transaction: Transaction,
  ) {}

  /** @throws OrderNotFoundError 404, OrderTransitionError 409, PaymentExceedsDueError 422. */
  async pay(id: string, { amountCents, method }: PayOrderDto, caller: Caller): Promise<OrderTransaction> {
    return this.transaction.run(async (manager) => {
      const order = await this.orders.lock(id, caller, manager);
      Object.assign(order, pay(order, amountCents));
      return this.book(order, { kind: 'payment', amountCents, method, reason: null }, manager);
    });
  }

  /** @throws OrderNotFoundError 404, OrderTransitionError 409, RefundExceedsPaidError 422. */
  async refund(id: string, { amountCents, reason }: RefundOrderDto, caller: Caller): Promise<OrderTransaction> {
    return this.transaction.run(async (manager) => {
      const order = await this.orders.lock(id, caller, manager);
      Object.assign(order, refund(order, amountCents));
      return this.book(order, { kind: 'refund', amountCents, method: null, reason }, manager);
    });
  }

  /** What was paid goes back. @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async cancel(id: string, reason: string | null, by: By): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const order = await this.orders.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(order));
      const { changed, refundCents } = cancel(order, by.caller.has('admin'));
      Object.assign(order, changed);
      if (refundCents === 0) return manager.save(order);
      await this.book(order, { kind: 'refund', amountCents: refundCents, method: null, reason: reason ?? 'Cancelled.' }, manager);
      return order;
    });
  }

  /** @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async advance(id: string, to: 'shipped' | 'delivered', by: By): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const order = await this.orders.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(order));
      Object.assign(order, advance(order, to));
      return manager.save(order);
    });
  }

  private async book(order: Order, movement: Movement, manager: EntityManager): Promise<OrderTransaction> {
    const transactions = manager.withRepository(this.transactions);
    const { id: orderId, currency, version } = order;
    const booked = transactions.create({ id: newId(), orderId, currency, reference: `${orderId}/${version}`, ...movement });
    await manager.save(order);
    await transactions.insert(booked);
    this.log.info('money moved', { order: orderId, kind: booked.kind, amount_cents: booked.amountCents, currency });
    return booked;
  }
}
