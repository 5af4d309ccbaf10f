import type { DataSource } from 'typeorm';
import type { Reply } from './api-client.js';

export function anItem(members: object = {}): object {
  return { sku: 'TEA-GREEN-100', name: 'Green tea, 100 g', quantity: 2, unitPriceCents: 790, ...members };
}

/** Header of a change of what `reply` showed. */
export function ifMatch(reply: Reply): Record<string, string> {
  const etag = reply.headers['etag'];
  if (etag === undefined) throw new Error(`no ETag in the ${reply.status} answer`);
  return { 'If-Match': etag };
}

/** Where each refusal points. */
export function pointersOf(reply: Reply): string[] {
  const errors: { pointer?: string; in?: string; parameter?: string }[] = reply.body.errors ?? [];
  return errors.map(({ pointer, in: place, parameter }) => pointer ?? `${place}:${parameter}`);
}

/** The orders whose amounts, movements and items do not add up, recounted from the base tables. */
export async function ledgerFaults(dataSource: DataSource): Promise<unknown[]> {
  return dataSource.query(`
    SELECT o.id, o.status, o.total_cents, o.paid_cents, o.refunded_cents, booked.*, lines.*
    FROM orders o
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(amount_cents) FILTER (WHERE kind = 'payment'), 0) AS payments,
             coalesce(sum(amount_cents) FILTER (WHERE kind = 'refund'), 0) AS refunds,
             count(*) FILTER (WHERE t.currency <> o.currency) AS foreign_currency
      FROM transactions t WHERE t.order_id = o.id) AS booked
    CROSS JOIN LATERAL (SELECT coalesce(sum(quantity * unit_price_cents), 0) AS worth FROM order_items WHERE order_id = o.id) AS lines
    WHERE payments <> o.paid_cents OR refunds <> o.refunded_cents OR foreign_currency > 0 OR worth <> o.total_cents`);
}
