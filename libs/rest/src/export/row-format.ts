/** How rows are written, a batch at a time. */
export interface RowFormat {
  /** `Content-Type`, with its parameters. */
  readonly contentType: string;
  /** Of the file, without a dot. */
  readonly extension: string;
  /** What stands before all rows. @param columns names of the members, in the order of the DTO. */
  readonly head: (columns: readonly string[]) => string;
  /** Every row ends with a line break. */
  readonly lines: (rows: readonly object[], columns: readonly string[]) => string;
}
