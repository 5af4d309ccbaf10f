import type { RowFormat } from './row-format.js';

/** One JSON object a line, as it stands in `data`. */
export const NDJSON: RowFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  head: () => '',
  lines: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
};
