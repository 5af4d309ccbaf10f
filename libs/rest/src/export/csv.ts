import { type Options, stringify } from 'csv-stringify/sync';
import type { RowFormat } from './row-format.js';

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers are left alone, negative ones
 * too. https://owasp.org/www-community/attacks/CSV_Injection
 */
const OPTIONS: Options = {
  record_delimiter: 'windows',
  quote_record_delimiter: true, // a lone CR or LF, too: to many readers it ends the row
  escape_formulas: true,
  cast: {
    boolean: String,
    date: (date) => date.toISOString(),
    object: (thing) => JSON.stringify(thing),
    string: (text) => (text.startsWith('\n') ? `'${text}` : text), // which the library leaves out
  },
};

/** RFC 4180. What is no scalar stands as JSON in one column; null and what is absent are empty. */
export const CSV: RowFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: (columns) => stringify([[...columns]], OPTIONS),
  lines: (rows, columns) =>
    stringify(
      rows.map((row) => columns.map((column): unknown => Reflect.get(row, column))),
      OPTIONS,
    ),
};
