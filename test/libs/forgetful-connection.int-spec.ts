import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { forgetAnswers } from '@app/database';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = await aClient(20_000);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function aClient(timeoutMs: number): Promise<pg.Client> {
  const connected = new pg.Client(database.url);
  connected.on('error', () => undefined); // it is cut while it waits
  await connected.connect();
  forgetAnswers(connected, timeoutMs);
  return connected;
}

describe('a connection that forgets its answers', () => {
  it.each([
    ['text alone', () => client.query('SELECT 7 AS n')],
    ['text and values', () => client.query('SELECT $1::int AS n', [7])],
    ['a config with values', () => client.query({ text: 'SELECT $1::int AS n', values: [7] })],
  ])('%s → the rows', async (_situation, ask) => {
    expect((await ask()).rows).toEqual([{ n: 7 }]);
  });

  it('several statements at once → all of them, as the driver does it', async () => {
    expect(await client.query('SELECT 1 AS a; SELECT 2 AS b')).toMatchObject([
      { rows: [{ a: 1 }] },
      { rows: [{ b: 2 }] },
    ]);
  });

  it('a callback → is called', async () => {
    const rows = await new Promise((resolve) => {
      client.query('SELECT 7 AS n', (_error, result) => resolve(result.rows));
    });
    expect(rows).toEqual([{ n: 7 }]);
  });

  it('a query that fails → the error of the driver, and the connection goes on', async () => {
    await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('SELECT 1')).rowCount).toBe(1);
  });

  it.each([
    ['the limit of the connection', 100, {}],
    ['a limit of its own', 20_000, { query_timeout: 100 }],
  ])('a query that takes longer than %s → is given up in the words of the driver', async (_situation, ms, own) => {
    const slow = await aClient(ms);
    await expect(slow.query({ text: 'SELECT pg_sleep(20)', ...own })).rejects.toThrow('Query read timeout');
    await slow.end();
  });

  it('a limit of its own that is longer → counts', async () => {
    const patient = await aClient(1);
    const asked = { text: 'SELECT pg_sleep(0.2)', query_timeout: 20_000 };
    expect((await patient.query(asked)).rowCount).toBe(1);
    await patient.end();
  });
});
