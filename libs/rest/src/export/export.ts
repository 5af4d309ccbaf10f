import type { ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { Page } from '../pagination/page.js';
import { ExportCursorError } from '../rest.errors.js';
import { NO_STORE, varies } from '../representation.js';
import { type RowsAsked, rowsAsked } from './exported.js';

/** Rows that are read, written and held at once. */
const BATCH = 200;

/** Rows to be sent one batch after the other, each made when the caller has taken the one before. */
export class Export {
  constructor(
    readonly headers: Readonly<Record<string, string>>,
    readonly chunks: AsyncIterable<string>,
  ) {}
}

/**
 * What a handler returned, as rows, if that is what the caller asked for.
 *
 * The first batch is written here, so that what is wrong with it is still answered as a problem.
 *
 * @throws ExportCursorError 422 for a page within the list: nobody should take the rest for the whole.
 */
export function exportOf(value: object, context: ExecutionContext): Export | undefined {
  const asked = rowsAsked(context);
  if (!asked) return undefined;
  const request = context.switchToHttp().getRequest<Request>();
  const isPage = isPageOfRows(value);
  if (isPage && request.query['cursor'] !== undefined) throw new ExportCursorError();
  const { format, columns } = asked;
  const [first = [], batches] = isPage ? [value.data, batchesAfter(value)] : inBatches(rowsOf(value));
  const start = format.head(columns) + format.lines(first, columns);
  const headers = {
    'Content-Type': format.contentType,
    'Content-Disposition': `attachment; filename="${fileNameOf(request.path, format.extension)}"`,
    'Cache-Control': NO_STORE,
    Vary: varies(isPage),
  };
  return new Export(headers, written(start, batches, asked));
}

async function* written(
  start: string,
  batches: Iterable<readonly object[]> | AsyncIterable<readonly object[]>,
  { format, columns }: RowsAsked,
): AsyncGenerator<string> {
  yield start;
  for await (const rows of batches) yield format.lines(rows, columns);
}

async function* batchesAfter(first: Page<object>): AsyncGenerator<readonly object[]> {
  for (let page = await first.next(BATCH); page; page = await page.next(BATCH)) yield page.data;
}

function inBatches(rows: readonly object[]): [readonly object[], Iterable<readonly object[]>] {
  const [first = [], ...others] = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
    rows.slice(index * BATCH, (index + 1) * BATCH),
  );
  return [first, others];
}

function isPageOfRows(value: object): value is Page<object> {
  return value instanceof Page;
}

function rowsOf(value: object): readonly object[] {
  const data: unknown = Reflect.get(value, 'data');
  if (Array.isArray(data)) return data;
  throw new Error('a route that is exported returned no list as data');
}

/** After the collection that the path ends with: `orders.csv`. */
function fileNameOf(path: string, extension: string): string {
  return `${path.slice(path.lastIndexOf('/') + 1).replace(/[^\w.-]/g, '_')}.${extension}`;
}
