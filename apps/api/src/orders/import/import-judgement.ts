import { IMPORT_CONFLICT, IMPORT_UNKNOWN_CUSTOMER } from './import.errors.js';
import type { RowCounts } from './import-result.js';
import type { ImportRow, RowError, ValidRow } from './import-row.js';

/** External id → fingerprint of the row that became an order; null when its customer was erased. */
export type Known = ReadonlyMap<string, string | null>;

/** A row that is to become an order. */
export interface NewOrder extends ValidRow {
  readonly userId: string;
}

export interface Judgement {
  readonly fresh: readonly NewOrder[];
  readonly counts: RowCounts;
}

type Refusal = Pick<RowError, 'pointer' | 'code' | 'detail'>;

const CONFLICT: Refusal = {
  pointer: '/externalId',
  code: IMPORT_CONFLICT.code,
  detail: 'An order with this externalId was imported with other content.',
};

const UNKNOWN_CUSTOMER: Refusal = {
  pointer: '/customerEmail',
  code: IMPORT_UNKNOWN_CUSTOMER.code,
  detail: 'No active user has this email address.',
};

/**
 * Says of each row what becomes of it, as if each were imported before the next. A known row is skipped whatever became
 * of its customer, so that a file can be imported again at any time.
 *
 * @param customers id by email key.
 */
export function judge(rows: readonly ImportRow[], known: Known, customers: ReadonlyMap<string, string>): Judgement {
  const present = new Map(known);
  const fresh: NewOrder[] = [];
  const refused: (readonly RowError[])[] = [];
  for (const row of rows) {
    const outcome = 'order' in row ? outcomeOf(row, present, customers) : row.errors;
    if (outcome === 'known') continue;
    if ('userId' in outcome) {
      fresh.push(outcome);
      present.set(outcome.order.externalId, outcome.fingerprint);
    } else {
      refused.push(outcome);
    }
  }
  const [imported, rejected] = [fresh.length, refused.length];
  return { fresh, counts: { imported, skipped: rows.length - imported - rejected, rejected, errors: refused.flat() } };
}

function outcomeOf(
  row: ValidRow,
  present: Known,
  customers: ReadonlyMap<string, string>,
): NewOrder | readonly RowError[] | 'known' {
  const kept = present.get(row.order.externalId);
  if (kept !== undefined)
    return kept === null || kept === row.fingerprint ? 'known' : [{ line: row.line, ...CONFLICT }];
  const userId = customers.get(row.emailKey);
  return userId === undefined ? [{ line: row.line, ...UNKNOWN_CUSTOMER }] : { ...row, userId };
}
