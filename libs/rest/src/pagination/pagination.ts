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

/** One page being read: ask for `take` rows after `after`, then {@link OpenPage.close} it. */
export interface OpenPage {
  readonly after: Position | undefined;
  /** One row more than the page has: it tells whether there is a next page. */
  readonly take: number;
  close<T>(rows: readonly T[], positionOf: (row: T) => Position): ClosedPage<T>;
}

/** The rows that are on the page, and what makes the answer from them. */
export interface ClosedPage<T> {
  readonly rows: readonly T[];
  readonly page: <D>(data: readonly D[], total?: number) => Page<D>;
}

/** Keyset pagination by signed cursors. */
@Injectable()
export class Pagination {
  constructor(private readonly cursors: CursorCodec) {}

  /** @throws CursorInvalidError 422 when the query has a cursor of another scope. */
  open({ list, callerId, query }: ListScope): OpenPage {
    const scope = scopeOf(list, callerId, query);
    const { limit, cursor } = query;
    return {
      after: cursor === undefined ? undefined : this.cursors.decode(cursor, scope),
      take: limit + 1,
      close: (found, positionOf) => {
        const rows = found.slice(0, limit);
        const last = rows.at(-1);
        const hasMore = found.length > limit;
        const nextCursor = hasMore && last !== undefined ? this.cursors.encode(positionOf(last), scope) : null;
        return {
          rows,
          page: (data, total) => new Page(data, { limit, nextCursor, hasMore, ...(total !== undefined && { total }) }),
        };
      },
    };
  }
}

function scopeOf(list: string, callerId: string, query: PageQuery): string {
  const { limit: _limit, cursor: _cursor, ...filters } = query;
  const named = Object.entries(filters).filter(([, value]) => value !== undefined);
  return JSON.stringify([list, callerId, named.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
