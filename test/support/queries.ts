import { expect } from '@jest/globals';
import type { Reply } from './api-client.js';

/** Lengths at which a list is measured: a query for each row would show between any two of them. */
const LENGTHS = [1, 20, 100] as const;

/** Statements that a request sent to the database, as its `Server-Timing` tells. */
export function queriesOf(reply: Reply): number {
  const count = /db;dur=[\d.]+;desc="(\d+) quer(?:y|ies)"/.exec(reply.headers['server-timing'] ?? '')?.[1];
  if (count === undefined) throw new Error('the answer has no Server-Timing with a count of queries');
  return Number(count);
}

/** Fails when the request took another number of statements than it should. */
export function expectQueries(reply: Reply, count: number): void {
  expect({ status: reply.status, queries: queriesOf(reply) }).toEqual({ status: reply.status, queries: count });
}

/**
 * Fails when a list takes another number of statements than it should, at any length.
 *
 * @param read answers with a list that has so many rows, all on one page.
 */
export async function expectConstantQueries(count: number, read: (rows: number) => Promise<Reply>): Promise<void> {
  const measured: object[] = [];
  for (const rows of LENGTHS) {
    const reply = await read(rows);
    measured.push({ rows: reply.body.data.length, queries: queriesOf(reply) });
  }
  expect(measured).toEqual(LENGTHS.map((rows) => ({ rows, queries: count })));
}
