import { Injectable } from '@nestjs/common';
import { idAfter, Transaction } from '@app/database';
import { KeptAnswers } from '@app/rest';
import { ORDERS, type Person, PersonalData } from '../users/index.js';
import { type EntityManager, In } from 'typeorm';
import { OrderDto } from './dto/order.dto.js';
import { TransactionDto } from './dto/transaction.dto.js';
import { OrderImport } from './import/order-import.entity.js';
import { orderTag, ordersOf } from './order-cache.js';
import { Order } from './order.entity.js';
import { OrderTransaction } from './order-transaction.entity.js';

const BATCH_ROWS = 500;

const CLEAR_NOTES = `
  UPDATE orders SET note = NULL, updated_at = now(), version = version + 1 WHERE user_id = $1 AND note IS NOT NULL
  RETURNING id`;

const CLEAR_REASONS = `
  UPDATE transactions t SET reason = NULL FROM orders o
  WHERE t.order_id = o.id AND o.user_id = $1 AND t.reason IS NOT NULL
  RETURNING t.order_id AS id`;

/** The hash of a row has the email address in it, and could be guessed from it. */
const CLEAR_FINGERPRINTS = `
  UPDATE order_imports i SET fingerprint = NULL FROM orders o
  WHERE i.order_id = o.id AND o.user_id = $1 AND i.fingerprint IS NOT NULL`;

/** What somebody has ordered, paid and written to it. */
@Injectable()
export class OrdersPersonalData extends PersonalData {
  readonly section = 'orders';

  constructor(
    private readonly answers: KeptAnswers,
    private readonly transaction: Transaction,
  ) {
    super();
  }

  async collect({ id: userId }: Person, manager: EntityManager): Promise<unknown> {
    const collected: object[] = [];
    for (let after: Order | undefined; ;) {
      const batch = await idsOf(userId, manager, after);
      collected.push(...(await describe(batch, manager)));
      if (batch.length < BATCH_ROWS) return collected;
      after = batch.at(-1);
    }
  }

  /** Free text goes; amounts, items, times and who they belong to by his id stay: they are the ledger. */
  async erase({ id: userId }: Person, manager: EntityManager): Promise<void> {
    const noted = await changedBy(CLEAR_NOTES, userId, manager);
    const reasoned = await changedBy(CLEAR_REASONS, userId, manager);
    await manager.query(CLEAR_FINGERPRINTS, [userId]);
    await this.answers.rewrite([ordersOf(userId)], withoutFreeText, manager);
    await this.transaction.changed(ORDERS, ordersOf(userId), ...new Set([...noted, ...reasoned].map(orderTag)));
  }
}

async function changedBy(statement: string, userId: string, manager: EntityManager): Promise<string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>(statement, [userId]);
  return rows.map(({ id }) => id);
}

/** Newest first. */
function idsOf(userId: string, manager: EntityManager, after: Order | undefined): Promise<Order[]> {
  return manager.find(Order, {
    select: { id: true, placedAt: true },
    where: { userId, ...(after && { id: idAfter('placed_at', { at: after.placedAt, id: after.id }) }) },
    order: { placedAt: 'DESC', id: 'DESC' },
    take: BATCH_ROWS,
    loadEagerRelations: false,
  });
}

async function describe(batch: readonly Order[], manager: EntityManager): Promise<object[]> {
  const ids = batch.map(({ id }) => id);
  const orders = await manager.find(Order, { where: { id: In(ids) }, order: { placedAt: 'DESC', id: 'DESC' } });
  const movements = await manager.find(OrderTransaction, {
    where: { orderId: In(ids) },
    order: { createdAt: 'ASC', id: 'ASC' },
  });
  const imports = await manager.findBy(OrderImport, { orderId: In(ids) });
  const byOrder = Map.groupBy(movements, ({ orderId }) => orderId);
  const externalIds = new Map(imports.map(({ orderId, externalId }) => [orderId, externalId]));
  return orders.map((order) => ({
    ...OrderDto.from(order),
    externalId: externalIds.get(order.id) ?? null,
    transactions: (byOrder.get(order.id) ?? []).map((movement) => TransactionDto.from(movement)),
  }));
}

/** An order has a note, a movement of money a reason; both are kept as they were answered. */
function withoutFreeText(body: Readonly<Record<string, unknown>>): object {
  return { ...body, ...('note' in body && { note: null }), ...('reason' in body && { reason: null }) };
}
