import { type FindOperator, Raw } from 'typeorm';

/**
 * Find operator for the `id` of a list ordered by (time, id) descending: the rows after the given one. A row comparison,
 * which an index on both columns answers without sorting; find options alone cannot say it.
 *
 * @param timeColumn name in the database: `placed_at`.
 */
export function idAfter(
  timeColumn: string,
  position: { readonly at: Date; readonly id: string },
): FindOperator<string> {
  return Raw((idColumn) => `(${beside(idColumn, timeColumn)}, ${idColumn}) < (:keysetAt, :keysetId)`, {
    keysetAt: position.at,
    keysetId: position.id,
  });
}

/** `Order.id`, the property that TypeORM quotes by itself, → `"Order"."placed_at"`, the column that it does not know. */
function beside(idProperty: string, column: string): string {
  return idProperty.replace(/^"?(\w+)"?\."?id"?$/, `"$1"."${column}"`);
}
