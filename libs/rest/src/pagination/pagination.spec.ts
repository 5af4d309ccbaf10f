import { describe, expect, it } from '@jest/globals';
import { CursorInvalidError } from '../rest.errors.js';
import { CursorCodec } from './cursor-codec.js';
import { PageQuery } from './page-query.dto.js';
import { Pagination } from './pagination.js';

const pagination = new Pagination(new CursorCodec([Buffer.alloc(32, 1)]));

interface Row {
  readonly id: string;
  readonly at: Date;
}

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`,
    at: new Date(n),
  }));

const query = (members: object = {}): PageQuery => Object.assign(new PageQuery(), members);
const scope = (members: object = {}) => ({ list: 'orders', callerId: 'ada', query: query({ limit: 2 }), ...members });

function cursorOf(members: object = {}): string | undefined {
  const open = pagination.open(scope(members));
  return open.close(rows(3), (row) => row).page([]).page.nextCursor ?? undefined;
}

describe('Pagination', () => {
  it.each([
    ['no row', 0, 0, false],
    ['fewer rows than the limit', 1, 1, false],
    ['as many as the limit', 2, 2, false],
    ['one more', 3, 2, true],
  ])('%s → so much on the page', (_situation, found, shown, hasMore) => {
    const open = pagination.open(scope());
    const closed = open.close(rows(found), (row) => row);
    const { page } = closed.page(closed.rows);
    expect({
      take: open.take,
      rows: closed.rows.length,
      hasMore: page.hasMore,
      cursor: page.nextCursor !== null,
    }).toEqual({
      take: 3,
      rows: shown,
      hasMore,
      cursor: hasMore,
    });
  });

  it('the next cursor → goes on after the last row of the page', () => {
    const open = pagination.open(scope({ query: query({ limit: 2, cursor: cursorOf() }) }));
    expect(open.after).toEqual(rows(2).at(-1));
  });

  it('no total asked for → no member for it', () => {
    const { page } = pagination.open(scope()).close(rows(1), (row) => row);
    expect([Object.keys(page([]).page), page([], 7).page.total]).toEqual([['limit', 'nextCursor', 'hasMore'], 7]);
  });

  it.each([
    ['another limit', { limit: 50 }],
    ['a filter that is absent', { status: undefined }],
  ])('%s → the cursor still holds', (_situation, members) => {
    expect(pagination.open(scope({ query: query({ ...members, cursor: cursorOf() }) })).after).toBeDefined();
  });

  it('the same filters in another order → the cursor still holds', () => {
    const cursor = cursorOf({ query: query({ limit: 2, sku: 'A', status: 'paid' }) });
    expect(pagination.open(scope({ query: query({ status: 'paid', sku: 'A', cursor }) })).after).toBeDefined();
  });

  it.each([
    ['another caller', { callerId: 'bob' }, {}],
    ['another list', { list: 'users' }, {}],
    ['a filter more', {}, { status: 'paid' }],
    ['another filter time', {}, { placedAfter: new Date(0) }],
  ])('%s → the cursor is refused', (_situation, members, filters) => {
    const other = scope({ ...members, query: query({ limit: 2, ...filters, cursor: cursorOf() }) });
    expect(() => pagination.open(other)).toThrow(CursorInvalidError);
  });
});
