import { Injectable } from '@nestjs/common';
import { CursorCodec, type Position } from './cursor-codec.js';
import { Page } from './page.js';
import type { PageQuery } from './page-query.dto.js';

/** Everything that a cursor is bound to. */
export interface ListScope {
  /** Name of the list, different for each route: `orders`, `users/<id>/orders`. */
  readonly list: string;
  readonly callerId: string;
  /** The validated query; `limit` and `cursor` do not count as filters. */
  readonly query: PageQuery;
}

/** One page being read: ask for `take` rows after `after`, then {@link OpenPage.close} it. @typeParam D what it shows. */
export interface OpenPage<D> {
  readonly after: Position | undefined;
  /** One row more than the page has: it tells whether there is a next page. */
  readonly take: number;
  readonly close: <T>(rows: readonly T[], positionOf: (row: T) => Position) => ClosedPage<T, D>;
}

/** The rows that are on the page, and what makes the answer from them. */
export interface ClosedPage<T, D> {
  readonly rows: readonly T[];
  readonly page: (data: readonly D[], total?: number) => Page<D>;
}

/** Reads one page of a list. */
export type PageReader<D> = (open: OpenPage<D>) => Promise<Page<D>>;

/** A list that is being read, and how. */
interface Reading<D> {
  /** Text that cursors are bound to. */
  readonly scope: string;
  readonly readPage: PageReader<D>;
}

/** Keyset pagination by signed cursors. */
@Injectable()
export class Pagination {
  constructor(private readonly cursors: CursorCodec) {}

  /**
   * Reads the page that the query asks for.
   *
   * @param readPage is called for each further page of an export as well, as fast as the caller takes them: what need not
   *   be asked again, such as who may read, stands outside of it.
   * @throws CursorInvalidError 422 when the query has a cursor of another scope.
   */
  async read<D>({ list, callerId, query }: ListScope, readPage: PageReader<D>): Promise<Page<D>> {
    const reading = { scope: scopeOf(list, callerId, query), readPage };
    const { limit, cursor } = query;
    return this.readAfter(
      cursor === undefined ? undefined : this.cursors.decode(cursor, reading.scope),
      limit,
      reading,
    );
  }

  private readAfter<D>(after: Position | undefined, limit: number, reading: Reading<D>): Promise<Page<D>> {
    return reading.readPage({
      after,
      take: limit + 1,
      close: (found, positionOf) => {
        const rows = found.slice(0, limit);
        const last = rows.at(-1);
        const end = last !== undefined && found.length > limit ? positionOf(last) : undefined;
        return { rows, page: (data, total) => this.page(data, { limit, end, total }, reading) };
      },
    });
  }

  private page<D>(
    data: readonly D[],
    { limit, end, total }: { limit: number; end: Position | undefined; total: number | undefined },
    reading: Reading<D>,
  ): Page<D> {
    const counted = total !== undefined && { total };
    if (!end) return new Page(data, { limit, nextCursor: null, hasMore: false, ...counted });
    const nextCursor = this.cursors.encode(end, reading.scope);
    return new Page(data, { limit, nextCursor, hasMore: true, ...counted }, (next) =>
      this.readAfter(end, next, reading),
    );
  }
}

function scopeOf(list: string, callerId: string, query: PageQuery): string {
  const { limit: _limit, cursor: _cursor, ...filters } = query;
  const named = Object.entries(filters).filter(([, value]) => value !== undefined);
  return JSON.stringify([list, callerId, named.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
