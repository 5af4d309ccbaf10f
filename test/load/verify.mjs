import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { Recount } from '../support/recount.ts';

const DAY_MS = 86_400_000;

/**
 * Asks the server for what a recount of the base tables can tell, while nobody writes.
 *
 * @returns the paths whose answers are not exactly the recount.
 */
export async function differences(databaseUrl, server, userIds) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const recount = new Recount(async (sql, parameters) => (await client.query(sql, [...parameters])).rows);
    const differing = [];
    for (const [path, answered, recounted] of questions(recount, userIds)) {
      const { body } = await server.get(path);
      if (!isDeepStrictEqual(answered(body), await recounted(body))) differing.push(path);
    }
    return differing;
  } finally {
    await client.end();
  }
}

function questions(recount, userIds) {
  const to = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  const span = `from=${new Date(to - 364 * DAY_MS).toISOString()}&to=${new Date(to).toISOString()}`;
  const ranked = { currency: 'USD', limit: 100 };
  const rankedPath = (route) => `/analytics/${route}?currency=USD&limit=100&${span}`;
  const spanOf = ({ from, to: until }) => ({ from: new Date(from), to: new Date(until) });
  return [
    ['/aggregate', figures, () => recount.aggregate()],
    ...userIds.map((id) => [`/users/${id}/analytics`, figures, () => recount.user(id)]),
    [
      `/analytics/revenue?granularity=day&currency=USD&${span}`,
      ({ data }) => data.map(figures),
      ({ data }) =>
        recount.series(
          'USD',
          [...data.map(({ start }) => start), data.at(-1).end].map((edge) => new Date(edge)),
        ),
    ],
    [rankedPath('customers'), dataOf, (body) => recount.customers(spanOf(body), ranked)],
    [
      `${rankedPath('customers')}&sort=orders`,
      dataOf,
      (body) => recount.customers(spanOf(body), { ...ranked, sort: 'orders' }),
    ],
    [rankedPath('products'), dataOf, (body) => recount.products(spanOf(body), ranked)],
    [
      `/analytics/statuses?${span}`,
      ({ data }) =>
        Object.fromEntries(data.filter(({ orders }) => orders > 0).map(({ status, orders }) => [status, orders])),
      (body) => recount.statuses(spanOf(body)),
    ],
  ];
}

const dataOf = ({ data }) => data;

/** Without what a recount cannot tell. */
function figures(answer) {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !['asOf', 'start', 'end'].includes(name)));
}
