import { describe, expect, it } from '@jest/globals';
import { CursorInvalidError } from '../rest.errors.js';
import { CursorCodec } from './cursor-codec.js';
import type { Page } from './page.js';
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

/** A page of a list that has so many rows. */
function read(members: object = {}, count = 3, total?: number): Promise<Page<Row>> {
  return pagination.read<Row>(scope(members), ({ after, take, close }) => {
    const start = after ? rows(count).findIndex(({ id }) => id === after.id) + 1 : 0;
    const { rows: shown, page } = close(rows(count).slice(start, start + take), (row) => row);
    return Promise.resolve(page(shown, total));
  });
}

async function cursorOf(members: object = {}): Promise<string | undefined> {
  return (await read(members)).page.nextCursor ?? undefined;
}

describe('Pagination', () => {
  it.each([
    ['no row', 0, 0, false],
    ['fewer rows than the limit', 1, 1, false],
    ['as many as the limit', 2, 2, false],
    ['one more', 3, 2, true],
  ])('%s → so much on the page', async (_situation, count, shown, hasMore) => {
    const { data, page } = await read({}, count);
    expect({ limit: page.limit, rows: data.length, hasMore: page.hasMore, cursor: page.nextCursor !== null }).toEqual({
      limit: 2,
      rows: shown,
      hasMore,
      cursor: hasMore,
    });
  });

  it('the next cursor → goes on after the last row of the page', async () => {
    const { data } = await read({ query: query({ limit: 2, cursor: await cursorOf() }) });
    expect(data).toEqual(rows(3).slice(2));
  });

  it('the next page of a page → goes on there, with a limit of its own, until there is none', async () => {
    const first = await read({}, 10);
    const second = await first.next(7);
    const third = await second?.next(7);
    expect([first, second, third].map((page) => page?.data)).toEqual([
      rows(10).slice(0, 2),
      rows(10).slice(2, 9),
      rows(10).slice(9),
    ]);
    expect(await third?.next(7)).toBeUndefined();
  });

  it('a page as JSON → its data and where it stands', async () => {
    expect(JSON.parse(JSON.stringify(await read({}, 0)))).toEqual({
      data: [],
      page: { limit: 2, nextCursor: null, hasMore: false },
    });
  });

  it('no total asked for → no member for it', async () => {
    const pages = await Promise.all([read({}, 1), read({}, 1, 7)]);
    expect(pages.map(({ page }) => page.total)).toEqual([undefined, 7]);
    expect(pages.map(({ page }) => 'total' in page)).toEqual([false, true]);
  });

  it.each([
    ['another limit', { limit: 50 }],
    ['a filter that is absent', { status: undefined }],
  ])('%s → the cursor still holds', async (_situation, members) => {
    const { data } = await read({ query: query({ ...members, cursor: await cursorOf() }) });
    expect(data).toEqual(rows(3).slice(2));
  });

  it('the same filters in another order → the cursor still holds', async () => {
    const cursor = await cursorOf({ query: query({ limit: 2, sku: 'A', status: 'paid' }) });
    expect((await read({ query: query({ status: 'paid', sku: 'A', cursor }) })).data).toHaveLength(1);
  });

  it.each([
    ['another caller', { callerId: 'bob' }, {}],
    ['another list', { list: 'users' }, {}],
    ['a filter more', {}, { status: 'paid' }],
    ['another filter time', {}, { placedAfter: new Date(0) }],
  ])('%s → the cursor is refused', async (_situation, members, filters) => {
    const other = { ...members, query: query({ limit: 2, ...filters, cursor: await cursorOf() }) };
    await expect(read(other)).rejects.toThrow(CursorInvalidError);
  });
});
