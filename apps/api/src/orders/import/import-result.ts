import type { RowError } from './import-row.js';

/** Errors that are kept; the rows are counted all the same. */
const MAX_ERRORS = 1_000;

/** What became of some rows. Each row is counted once; a rejected one may have several errors. */
export interface RowCounts {
  readonly imported: number;
  readonly skipped: number;
  readonly rejected: number;
  /** By line. */
  readonly errors: readonly RowError[];
}

/** What has become of the rows so far: the result of the job, when there are no more. */
export class ImportResult implements RowCounts {
  private constructor(
    readonly imported: number,
    readonly skipped: number,
    readonly rejected: number,
    readonly errors: readonly RowError[],
  ) {}

  /** @param partial what an earlier attempt has kept. */
  static from(partial: object | undefined): ImportResult {
    if (partial === undefined) return new ImportResult(0, 0, 0, []);
    const { imported, skipped, rejected, errors }: Partial<RowCounts> = partial;
    if (imported === undefined || skipped === undefined || rejected === undefined || errors === undefined) {
      throw new Error('the partial result of an import lacks a member');
    }
    return new ImportResult(imported, skipped, rejected, errors);
  }

  plus({ imported, skipped, rejected, errors }: RowCounts): ImportResult {
    return new ImportResult(
      this.imported + imported,
      this.skipped + skipped,
      this.rejected + rejected,
      [...this.errors, ...errors].slice(0, MAX_ERRORS),
    );
  }
}
