import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type Caller, ForbiddenError } from '@app/auth';
import { InvalidatesCache } from '@app/cache';
import { newId, Transaction } from '@app/database';
import { type Page, Pagination, type Precondition } from '@app/rest';
import { AuditLog } from '../audit/index.js';
import { UsersService } from '../users/index.js';
import { type EntityManager, In, Repository } from 'typeorm';
import type { ListOrdersQuery, ListUserOrdersQuery } from './dto/list-orders.query.js';
import { OrderDto } from './dto/order.dto.js';
import type { PatchOrderDto, PlaceOrderDto, PlaceOrderItemDto } from './dto/place-order.dto.js';
import { Order } from './order.entity.js';
import { matching } from './order-conditions.js';
import { OrderNotEditableError, OrderNotFoundError, WorthlessOrderError } from './order.errors.js';
import { OrderItem } from './order-item.entity.js';
import { changedBy } from './order-cache.js';
import { isEditable, lineCents, totalCents } from './order.js';
import { itemsChanged, placed } from './order-audit.js';

/** An order that nobody else can change until the transaction ends. */
export interface LockedOrder {
  readonly order: Order;
  /** When the lock was got. The start of the transaction, `now()`, may lie before the change that it had to wait for. */
  readonly at: Date;
}

const LOCK = `
  WITH locked AS (SELECT FROM orders WHERE id = $1 FOR UPDATE)
  SELECT clock_timestamp()::timestamptz(3) AS at FROM locked`;

const NEWEST_FIRST = { placedAt: 'DESC', id: 'DESC' } as const;

@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderItem) private readonly items: Repository<OrderItem>,
    private readonly users: UsersService,
    private readonly pagination: Pagination,
    private readonly transaction: Transaction,
    private readonly audit: AuditLog,
  ) {}

  /** @throws WorthlessOrderError 422 when everything is free. */
  @InvalidatesCache(changedBy)
  async place({ currency, items, note = null }: PlaceOrderDto, caller: Caller): Promise<Order> {
    assertWorth(items);
    const order = this.orders.create({
      id: newId(),
      userId: caller.id,
      status: 'pending',
      currency,
      totalCents: totalCents(items),
      paidCents: 0,
      refundedCents: 0,
      note,
    });
    return this.transaction.run(async (manager) => {
      await manager.withRepository(this.orders).insert(order);
      order.items = items.map((item, position) => this.newItem(order.id, item, position));
      await manager.withRepository(this.items).insert(order.items);
      await this.audit.record(manager, placed(order));
      return order;
    });
  }

  /** Own orders; admins see those of everyone. @throws ForbiddenError 403 for somebody else's `userId`. */
  async list(query: ListOrdersQuery, caller: Caller, wantsTotal: boolean): Promise<Page<OrderDto>> {
    const isAdmin = caller.has('admin');
    if (query.userId !== undefined && query.userId.toLowerCase() !== caller.id && !isAdmin) {
      throw new ForbiddenError('Only admins list the orders of others.');
    }
    const userId = query.userId ?? (isAdmin ? undefined : caller.id);
    return this.page({ list: 'orders', callerId: caller.id, query }, userId, wantsTotal);
  }

  /** @throws UserNotFoundError 404 */
  async listOf(
    userId: string,
    query: ListUserOrdersQuery,
    by: { caller: Caller; wantsTotal: boolean },
  ): Promise<Page<OrderDto>> {
    const user = await this.users.read(userId, by.caller);
    return this.page({ list: `users/${user.id}/orders`, callerId: by.caller.id, query }, user.id, by.wantsTotal);
  }

  /** @throws OrderNotFoundError 404, for orders of others, too. */
  async read(id: string, caller: Caller): Promise<Order> {
    const [order] = await this.whole([id]);
    return visible(order, caller);
  }

  /** @throws OrderNotFoundError 404, OrderNotEditableError 409, WorthlessOrderError 422. */
  async change(id: string, patch: PatchOrderDto, by: { caller: Caller; precondition: Precondition }): Promise<Order> {
    if (patch.items) assertWorth(patch.items);
    return this.transaction.run(async (manager) => {
      const { order, at } = await this.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(order));
      if (patch.note === undefined && !patch.items) return order;
      const { totalCents: from } = order;
      if (patch.note !== undefined) order.note = patch.note;
      if (patch.items) this.replaceItems(order, patch.items);
      order.updatedAt = at; // a change of the order, also when its own row would stay the same
      if (patch.items) await this.audit.record(manager, itemsChanged(order, from));
      return this.save(order, manager);
    });
  }

  @InvalidatesCache(changedBy)
  private async save(order: Order, manager: EntityManager): Promise<Order> {
    return manager.save(order);
  }

  /** The order with its items, locked against change until the transaction ends. @throws OrderNotFoundError 404 */
  async lock(id: string, caller: Caller, manager: EntityManager): Promise<LockedOrder> {
    const locked = await this.lockAny(id, manager);
    visible(locked.order, caller);
    return locked;
  }

  /** Whoever's order it is: for routes that a role opens. @throws OrderNotFoundError 404 */
  async lockAny(id: string, manager: EntityManager): Promise<LockedOrder> {
    const [locked] = await manager.query<{ at: Date }[]>(LOCK, [id]);
    // A statement of its own: one that joined the items while it waited would show those from before the wait.
    const [order] = await manager.withRepository(this.orders).findBy({ id });
    if (!locked || !order) throw new OrderNotFoundError();
    return { order, at: locked.at };
  }

  private page(
    scope: Parameters<Pagination['read']>[0] & { query: ListUserOrdersQuery },
    userId: string | undefined,
    wantsTotal: boolean,
  ): Promise<Page<OrderDto>> {
    return this.pagination.read(scope, async ({ after, take, close }) => {
      const [found, total] = await Promise.all([
        this.orders.find({
          select: { id: true, placedAt: true },
          where: matching(scope.query, userId, after),
          order: NEWEST_FIRST,
          take,
          loadEagerRelations: false,
        }),
        wantsTotal ? this.orders.countBy(matching(scope.query, userId)) : undefined,
      ]);
      const { rows, page } = close(found, ({ placedAt, id }) => ({ at: placedAt, id }));
      const orders = await this.whole(rows.map(({ id }) => id));
      return page(
        orders.map((order) => OrderDto.from(order)),
        total,
      );
    });
  }

  /** Orders and items by one statement, so that a change at the same time shows in both or in neither. */
  private whole(ids: readonly string[]): Promise<Order[]> {
    return this.orders.find({ where: { id: In(ids) }, order: NEWEST_FIRST });
  }

  /** An item whose sku stays keeps its id. */
  private replaceItems(order: Order, items: readonly PlaceOrderItemDto[]): void {
    if (!isEditable(order)) throw new OrderNotEditableError(order.status);
    order.totalCents = totalCents(items);
    const bySku = new Map(order.items.map((item) => [item.sku, item]));
    order.items = items.map((item, position) => {
      const kept = bySku.get(item.sku);
      return kept
        ? this.items.merge(kept, { ...item, position, lineCents: lineCents(item) })
        : this.newItem(order.id, item, position);
    });
  }

  private newItem(orderId: string, item: PlaceOrderItemDto, position: number): OrderItem {
    return this.items.create({ ...item, id: newId(), orderId, position, lineCents: lineCents(item) });
  }
}

/** Looks at the input alone, so that it is refused before an order is looked for. */
function assertWorth(items: readonly PlaceOrderItemDto[]): void {
  if (totalCents(items) < 1) throw new WorthlessOrderError();
}

function visible(order: Order | undefined, caller: Caller): Order {
  if (!order || !caller.mayAccess(order.userId)) throw new OrderNotFoundError();
  return order;
}
