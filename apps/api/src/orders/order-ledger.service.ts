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
  ) {}

  /** @throws OrderNotFoundError 404, OrderTransitionError 409, PaymentExceedsDueError 422. */
  async pay(id: string, { amountCents, method }: PayOrderDto, caller: Caller): Promise<OrderTransaction> {
    const booked = await this.transaction.run(async (manager) => {
      const locked = await this.orders.lock(id, caller, manager);
      Object.assign(locked.order, pay(locked.order, amountCents));
      return this.book(locked, { kind: 'payment', amountCents, method, reason: null }, manager);
    });
    this.report(booked);
    return booked;
  }

  /** Whoever's order it is. @throws OrderNotFoundError 404, OrderTransitionError 409, RefundExceedsPaidError 422. */
  async refund(id: string, { amountCents, reason }: RefundOrderDto): Promise<OrderTransaction> {
    const booked = await this.transaction.run(async (manager) => {
      const locked = await this.orders.lockAny(id, manager);
      Object.assign(locked.order, refund(locked.order, amountCents));
      return this.book(locked, { kind: 'refund', amountCents, method: null, reason }, manager);
    });
    this.report(booked);
    return booked;
  }

  /** What was paid goes back. @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async cancel(id: string, reason: string | null, by: { caller: Caller; precondition: Precondition }): Promise<Order> {
    const { order, booked } = await this.transaction.run(async (manager) => {
      const locked = await this.orders.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(locked.order));
      const { changed, refundCents } = cancel(locked.order, by.caller.has('admin'));
      Object.assign(locked.order, changed);
      if (refundCents === 0) return { order: await save(locked, manager), booked: undefined };
      const movement = {
        kind: 'refund',
        amountCents: refundCents,
        method: null,
        reason: reason ?? 'Cancelled.',
      } as const;
      return { order: locked.order, booked: await this.book(locked, movement, manager) };
    });
    if (booked) this.report(booked);
    return order;
  }

  /** Whoever's order it is. @throws OrderNotFoundError 404, OrderTransitionError 409. */
  async advance(id: string, to: 'shipped' | 'delivered', precondition: Precondition): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const locked = await this.orders.lockAny(id, manager);
      precondition.assertHolds(OrderDto.from(locked.order));
      Object.assign(locked.order, advance(locked.order, to));
      return save(locked, manager);
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
    await save({ order, at }, manager);
    await transactions.insert(booked);
    return booked;
  }

  /** After the commit: the work of a transaction may run more than once. */
  private report({ orderId, kind, amountCents, currency }: OrderTransaction): void {
    this.log.info('money moved', { order: orderId, kind, amount_cents: amountCents, currency });
  }
}

function save({ order, at }: LockedOrder, manager: EntityManager): Promise<Order> {
  order.updatedAt = at;
  return manager.save(order);
}
