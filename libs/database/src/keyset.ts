import { type FindOperator, Raw } from 'typeorm';

/**
 * Find operator for the `id` of a list ordered by (time, id) descending: the rows after the given one. A row comparison,
 * which an index on both columns answers without sorting; find options alone cannot say it.
 *
 * @param timeColumn name in the database: `placed_at`.
 */
export function idAfter(timeColumn: string, position: { readonly at: Date; readonly id: string }): FindOperator<string> {
  return Raw((idColumn) => `(${beside(idColumn, timeColumn)}, ${idColumn}) < (:keysetAt, :keysetId)`, {
    keysetAt: position.at,
    keysetId: position.id,
  });
}

/** `"Order"."id"` → `"Order"."placed_at"` */
function beside(idColumn: string, column: string): string {
  return idColumn.replace(/"?id"?$/, `"${column}"`);
}
