import { Injectable } from '@nestjs/common';
import { newId, Transaction } from '@app/database';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/index.js';
import { ORDERS, UserDirectoryService } from '../../users/index.js';
import { placed } from '../order-audit.js';
import { ordersOf } from '../order-cache.js';
import { lineCents, totalCents } from '../order.js';
import { type Known, judge, type NewOrder } from './import-judgement.js';
import type { RowCounts } from './import-result.js';
import type { ImportRow } from './import-row.js';

const KNOWN = 'SELECT external_id, fingerprint FROM order_imports WHERE external_id = ANY ($1::text[])';

const CLAIM = `
  INSERT INTO order_imports (external_id, order_id, fingerprint)
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[])
  ON CONFLICT (external_id) DO NOTHING
  RETURNING external_id, order_id`;

const PLACE = `
  INSERT INTO orders (id, user_id, status, currency, total_cents, note, placed_at, version)
  SELECT id, user_id, 'pending', currency, total_cents, note, coalesce(placed_at, now()), 1
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
    AS given (id, user_id, currency, total_cents, note, placed_at)`;

const ADD_ITEMS = `
  INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
  SELECT * FROM unnest(
    $1::uuid[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[])`;

/** External id → the order that it is to be. */
type Claims = ReadonlyMap<string, string>;

/** Makes orders of rows: six statements for any number of them. */
@Injectable()
export class ImportedOrdersService {
  constructor(
    private readonly users: UserDirectoryService,
    private readonly transaction: Transaction,
    private readonly audit: AuditLog,
  ) {}

  /** Of two imports that have the same row at the same moment, one waits for the other and skips it. */
  async store(rows: readonly ImportRow[], manager: EntityManager): Promise<RowCounts> {
    const valid = rows.filter((row) => 'order' in row);
    const known = await readKnown(
      valid.map(({ order }) => order.externalId),
      manager,
    );
    const unknown = valid.filter(({ order }) => !known.has(order.externalId));
    const customers = await this.users.lockByEmailKey([...new Set(unknown.map(({ emailKey }) => emailKey))], manager);
    const { fresh, counts } = judge(rows, known, customers);
    if (fresh.length === 0) return counts;
    const claims = await claim(fresh, manager);
    const lost = fresh.map(({ order }) => order.externalId).filter((id) => !claims.has(id));
    await this.place(fresh, claims, manager);
    if (lost.length === 0) return counts;
    return judge(rows, new Map([...known, ...(await readKnown(lost, manager))]), customers).counts;
  }

  private async place(fresh: readonly NewOrder[], claims: Claims, manager: EntityManager): Promise<void> {
    const orders = fresh.flatMap((row) => {
      const id = claims.get(row.order.externalId);
      return id === undefined ? [] : [{ ...row, id, totalCents: totalCents(row.order.items) }]; // another import has it
    });
    await manager.query(PLACE, [
      orders.map(({ id }) => id),
      orders.map(({ userId }) => userId),
      orders.map(({ order }) => order.currency),
      orders.map((order) => order.totalCents),
      orders.map(({ order }) => order.note ?? null),
      orders.map(({ order }) => order.placedAt ?? null),
    ]);
    const items = orders.flatMap(({ id, order }) =>
      order.items.map((item, position) => ({ ...item, orderId: id, position })),
    );
    await manager.query(ADD_ITEMS, [
      items.map(() => newId()),
      items.map(({ orderId }) => orderId),
      items.map(({ position }) => position),
      items.map(({ sku }) => sku),
      items.map(({ name }) => name),
      items.map(({ quantity }) => quantity),
      items.map(({ unitPriceCents }) => unitPriceCents),
      items.map((item) => lineCents(item)),
    ]);
    const entries = orders.map(({ order, ...row }) => placed({ ...row, currency: order.currency }));
    await this.audit.record(manager, ...entries);
    // Nobody has asked for these orders by their ids yet: only sums and lists are wrong now.
    await this.transaction.changed(ORDERS, ...orders.map(({ userId }) => ordersOf(userId)));
  }
}

async function readKnown(ids: readonly string[], manager: EntityManager): Promise<Known> {
  const rows = await manager.query<{ external_id: string; fingerprint: string | null }[]>(KNOWN, [ids]);
  return new Map(rows.map(({ external_id: id, fingerprint }) => [id, fingerprint]));
}

/** In one order, so that imports which claim the same rows wait for each other and not in a circle. */
async function claim(fresh: readonly NewOrder[], manager: EntityManager): Promise<Claims> {
  const sorted = fresh.toSorted((a, b) => (a.order.externalId < b.order.externalId ? -1 : 1));
  const rows = await manager.query<{ external_id: string; order_id: string }[]>(CLAIM, [
    sorted.map(({ order }) => order.externalId),
    sorted.map(() => newId()),
    sorted.map(({ fingerprint }) => fingerprint),
  ]);
  return new Map(rows.map(({ external_id: externalId, order_id: orderId }) => [externalId, orderId]));
}
