import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { InvalidatesCache } from '@app/cache';
import { newId, Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import type { Precondition } from '@app/rest';
import { type EntityManager, Repository } from 'typeorm';
import { AuditLog } from '../audit/index.js';
import { OrderDto } from './dto/order.dto.js';
import type { PayOrderDto, RefundOrderDto } from './dto/ledger.dto.js';
import type { Order } from './order.entity.js';
import { OrderTransaction } from './order-transaction.entity.js';
import { cancelled, moved } from './order-audit.js';
import { changedBy } from './order-cache.js';
import { type LockedOrder, OrdersService } from './orders.service.js';
import { advance, cancel, pay, refund } from './order.js';

type Movement = Pick<OrderTransaction, 'kind' | 'amountCents' | 'method' | 'reason'>;

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
    private readonly audit: AuditLog,
  ) {}

  /** @throws OrderNotFoundError 404, OrderTransitionError 409, PaymentExceedsDueError 422. */
  async pay(id: string, { amountCents, method }: PayOrderDto, caller: Caller): Promise<OrderTransaction> {
    return this.transaction.run(async (manager) => {
      const locked = await this.orders.lock(id, caller, manager);
      Object.assign(locked.order, pay(locked.order, amountCents));
      return this.book(locked, { kind: 'payment', amountCents, method, reason: null }, manager);
    });
  }

  /** Whoever's order it is. @throws OrderNotFoundError 404, OrderTransitionError 409, RefundExceedsPaidError 422. */
  async refund(id: string, { amountCents, reason }: RefundOrderDto): Promise<OrderTransaction> {
    return this.transaction.run(async (manager) => {
      const locked = await this.orders.lockAny(id, manager);
      Object.assign(locked.order, refund(locked.order, amountCents));
      return this.book(locked, { kind: 'refund', amountCents, method: null, reason }, manager);
    });
  }

  /** What was paid goes back. @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async cancel(id: string, reason: string | null, by: { caller: Caller; precondition: Precondition }): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const locked = await this.orders.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(locked.order));
      const { changed, refundCents } = cancel(locked.order, by.caller.has('admin'));
      const { status: from } = locked.order;
      Object.assign(locked.order, changed);
      await this.audit.record(manager, cancelled(locked.order, { from, refundedCents: refundCents }));
      if (refundCents === 0) return this.save(locked, manager);
      const refunded = { amountCents: refundCents, method: null, reason: reason ?? 'Cancelled.' };
      await this.book(locked, { kind: 'refund', ...refunded }, manager);
      return locked.order;
    });
  }

  /** Whoever's order it is. @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async advance(id: string, to: 'shipped' | 'delivered', precondition: Precondition): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const locked = await this.orders.lockAny(id, manager);
      precondition.assertHolds(OrderDto.from(locked.order));
      Object.assign(locked.order, advance(locked.order, to));
      return this.save(locked, manager);
    });
  }

  private async book(
    { order, at }: LockedOrder,
    movement: Movement,
    manager: EntityManager,
  ): Promise<OrderTransaction> {
    const transactions = manager.withRepository(this.transactions);
    const { id: orderId, currency, version } = order;
    const booked = transactions.create({
      id: newId(),
      orderId,
      currency,
      reference: `${orderId}/${version}`,
      createdAt: at,
      ...movement,
    });
    await this.save({ order, at }, manager);
    await transactions.insert(booked);
    await this.audit.record(manager, moved(booked, order));
    await this.report(booked);
    return booked;
  }

  @InvalidatesCache(changedBy)
  private async save({ order, at }: LockedOrder, manager: EntityManager): Promise<Order> {
    order.updatedAt = at;
    return manager.save(order);
  }

  private async report({ orderId, kind, amountCents, currency }: OrderTransaction): Promise<void> {
    const fields = { order: orderId, kind, amount_cents: amountCents, currency };
    await this.transaction.afterCommit(() => this.log.info('money moved', fields));
  }
}
