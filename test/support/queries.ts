import { expect } from '@jest/globals';
import type { Reply } from './api-client.js';

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
