import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type Caller, ForbiddenError } from '@app/auth';
import { idAfter, newId, Transaction } from '@app/database';
import { type Page, Pagination, type Position, type Precondition } from '@app/rest';
import { UsersService } from '../users/index.js';
import { And, type EntityManager, type FindOperator, type FindOptionsWhere, LessThan, MoreThanOrEqual, Raw, Repository } from 'typeorm';
import type { ListOrdersQuery, ListUserOrdersQuery } from './dto/list-orders.query.js';
import { OrderDto } from './dto/order.dto.js';
import type { PatchOrderDto, PlaceOrderDto, PlaceOrderItemDto } from './dto/place-order.dto.js';
import { Order } from './order.entity.js';
import { OrderNotEditableError, OrderNotFoundError, WorthlessOrderError } from './order.errors.js';
import { OrderItem } from './order-item.entity.js';
import { isEditable, lineCents, totalCents } from './order.js';

@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderItem) private readonly items: Repository<OrderItem>,
    private readonly users: UsersService,
    private readonly pagination: Pagination,
    private readonly transaction: Transaction,
  ) {}

  /** @throws WorthlessOrderError 422 when everything is free. */
  async place({ currency, items, note = null }: PlaceOrderDto, caller: Caller): Promise<Order> {
    const order = this.orders.create({
      id: newId(),
      userId: caller.id,
      status: 'pending',
      currency,
      totalCents: worth(items),
      paidCents: 0,
      refundedCents: 0,
      note,
    });
    return this.transaction.run(async (manager) => {
      await manager.withRepository(this.orders).insert(order);
      order.items = items.map((item, position) => this.newItem(order.id, item, position));
      await manager.withRepository(this.items).insert(order.items);
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
  async listOf(userId: string, query: ListUserOrdersQuery, by: { caller: Caller; wantsTotal: boolean }): Promise<Page<OrderDto>> {
    const user = await this.users.read(userId, by.caller);
    return this.page({ list: `users/${user.id}/orders`, callerId: by.caller.id, query }, user.id, by.wantsTotal);
  }

  /** @throws OrderNotFoundError 404, for orders of others, too. */
  async read(id: string, caller: Caller): Promise<Order> {
    return visible(await this.orders.findOneBy({ id }), caller);
  }

  /** @throws OrderNotFoundError 404, OrderNotEditableError 409, WorthlessOrderError 422. */
  async change(id: string, patch: PatchOrderDto, by: { caller: Caller; precondition: Precondition }): Promise<Order> {
    return this.transaction.run(async (manager) => {
      const order = await this.lock(id, by.caller, manager);
      by.precondition.assertHolds(OrderDto.from(order));
      if (patch.note !== undefined) order.note = patch.note;
      if (patch.items) this.replaceItems(order, patch.items);
      return manager.save(order);
    });
  }

  /** The order with its items, locked against change until the transaction ends. @throws OrderNotFoundError 404 */
  async lock(id: string, caller: Caller, manager: EntityManager): Promise<Order> {
    const orders = manager.withRepository(this.orders);
    return visible(await orders.findOne({ where: { id }, lock: { mode: 'pessimistic_write', tables: ['orders'] } }), caller);
  }

  private async page(scope: Parameters<Pagination['open']>[0] & { query: ListUserOrdersQuery }, userId: string | undefined, wantsTotal: boolean) {
    const open = this.pagination.open(scope);
    const [found, total] = await Promise.all([
      this.orders.find({
        where: matching(scope.query, userId, open.after),
        order: { placedAt: 'DESC', id: 'DESC' },
        take: open.take,
        relationLoadStrategy: 'query',
      }),
      wantsTotal ? this.orders.countBy(matching(scope.query, userId)) : undefined,
    ]);
    const { rows, page } = open.close(found, ({ placedAt, id }) => ({ at: placedAt, id }));
    return page(
      rows.map((order) => OrderDto.from(order)),
      total,
    );
  }

  /** An item whose sku stays keeps its id. */
  private replaceItems(order: Order, items: readonly PlaceOrderItemDto[]): void {
    if (!isEditable(order)) throw new OrderNotEditableError(order.status);
    order.totalCents = worth(items);
    order.updatedAt = new Date(); // a change of the order, also when its own row would stay the same
    const bySku = new Map(order.items.map((item) => [item.sku, item]));
    order.items = items.map((item, position) => {
      const kept = bySku.get(item.sku);
      return kept ? this.items.merge(kept, { ...item, position, lineCents: lineCents(item) }) : this.newItem(order.id, item, position);
    });
  }

  private newItem(orderId: string, item: PlaceOrderItemDto, position: number): OrderItem {
    return this.items.create({ ...item, id: newId(), orderId, position, lineCents: lineCents(item) });
  }
}

function worth(items: readonly PlaceOrderItemDto[]): number {
  const total = totalCents(items);
  if (total < 1) throw new WorthlessOrderError();
  return total;
}

function visible(order: Order | null, caller: Caller): Order {
  if (!order || !caller.mayAccess(order.userId)) throw new OrderNotFoundError();
  return order;
}

function matching(query: ListUserOrdersQuery, userId: string | undefined, after?: Position): FindOptionsWhere<Order> {
  const { status, placedAfter, placedBefore, sku } = query;
  const time = [placedAfter && MoreThanOrEqual(placedAfter), placedBefore && LessThan(placedBefore)].filter((bound) => bound !== undefined);
  const id = [after && idAfter('placed_at', after), sku !== undefined && hasSku(sku)].filter((bound) => typeof bound === 'object');
  return {
    ...(userId !== undefined && { userId }),
    ...(status !== undefined && { status }),
    ...(time.length > 0 && { placedAt: And(...time) }),
    ...(id.length > 0 && { id: And(...id) }),
  };
}

/** A condition on the items would load only those that match it. */
function hasSku(sku: string): FindOperator<string> {
  return Raw((id) => `EXISTS (SELECT FROM order_items item WHERE item.order_id = ${id} AND item.sku = :sku)`, { sku });
}
