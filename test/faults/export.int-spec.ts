import { once } from 'node:events';
import fs from 'node:fs';
import type http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { ApiClient } from '../support/api-client.js';
import { dataAccess } from '../support/data-access.js';
import { FORMS, inForm, openExport } from '../support/exports.js';
import { Factory, type SignedIn } from '../support/factory.js';
import { insertManyOrders } from '../support/many-orders.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

/** `EXPORT_ROWS=1000000 npm run test:faults -- export` for the figures in libs/rest/README.md. */
const ROWS = Number(process.env['EXPORT_ROWS'] ?? 100_000);
const MAX_RISE_MB = 60;
/** As `npm start` runs it. */
const NODE_OPTIONS = '--max-semi-space-size=16';
const LIMIT_MS = 60_000 + ROWS;

let postgres: ThrowAwayPostgres;
let data: INestApplicationContext;
let server: ServerProcess;
let client: ApiClient;
let owner: SignedIn;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  server = aServer();
  client = await server.client();
  data = await dataAccess(postgres.url, KEYS);
  owner = await new Factory(data).signedIn();
  await insertManyOrders(postgres.url, owner.id, ROWS);
}, LIMIT_MS);
afterAll(async () => {
  await server.kill();
  await data.close();
  await postgres.remove();
});

function aServer(): ServerProcess {
  const variables = {
    DATABASE_URL: postgres.url,
    JWT_KEYS: KEYS,
    DEMO_DATA: 'false',
    RATE_LIMIT_MAX: '100000',
    NODE_OPTIONS,
  };
  return ServerProcess.spawn({ variables });
}

function orders(form: string): Promise<http.IncomingMessage> {
  return openExport(client, '/orders', inForm(form, { as: owner.token }));
}

/** Counts lines; an export that is cut off rejects. */
async function linesOf(response: http.IncomingMessage): Promise<number> {
  let lines = 0;
  for await (const chunk of response) {
    for (const byte of Buffer.from(chunk)) if (byte === 10) lines += 1;
  }
  return lines;
}

/** Megabytes: what the server holds now, and the most that it held since {@link forgetPeak}. */
function memory(): { now: number; peak: number } {
  const status = fs.readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const [now = 0, peak = 0] = ['VmRSS', 'VmHWM'].map(
    (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024,
  );
  return { now, peak };
}

function forgetPeak(): void {
  fs.writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
}

/** States of the connections of the server, but for those that do nothing. */
async function busy(): Promise<string[]> {
  const rows = await postgres.query<{ state: string }>(
    `SELECT state FROM pg_stat_activity WHERE application_name = 'plinth-api' AND state <> 'idle'`,
  );
  return rows.map(({ state }) => state);
}

/** An export whose reader takes nothing: all buffers between him and the table are full. */
async function stalledExport(): Promise<http.IncomingMessage> {
  const response = await orders('text/csv');
  await once(response, 'readable');
  for (let quiet = 0; quiet < 20;) quiet = (await busy()).length === 0 ? quiet + 1 : 0;
  return response;
}

describe('an export of many orders', () => {
  it.each(FORMS)(
    '%s → all rows, in flat memory',
    async (form) => {
      for (let limit = 1; limit <= 20; limit += 1) await client.get(`/orders?limit=${limit}`, { as: owner.token });
      forgetPeak();
      const before = memory().now;
      const startedAt = performance.now();
      const response = await orders(form);
      await once(response, 'readable');
      const firstByteMs = performance.now() - startedAt;
      const lines = await linesOf(response);
      const { rise, ms } = { rise: memory().peak - before, ms: performance.now() - startedAt };
      process.stderr.write(
        `${form}: ${ROWS} rows in ${ms.toFixed(0)} ms, first byte after ${firstByteMs.toFixed(0)} ms, ${before.toFixed(0)} MB + ${rise.toFixed(1)} MB\n`,
      );
      expect(lines).toBe(form === 'text/csv' ? ROWS + 1 : ROWS);
      expect(rise).toBeLessThan(MAX_RISE_MB);
    },
    LIMIT_MS,
  );

  it(
    'a slow reader → no transaction is open for him, and he gets every row when he goes on',
    async () => {
      const response = await stalledExport();
      expect(await busy()).toEqual([]);
      expect(await linesOf(response)).toBe(ROWS + 1);
    },
    LIMIT_MS,
  );

  it('a database that fails on the way → he is cut off, and the log says why', async () => {
    const response = await stalledExport();
    await postgres.query('ALTER TABLE orders RENAME TO gone');
    try {
      await expect(linesOf(response)).rejects.toThrow('aborted');
    } finally {
      await postgres.query('ALTER TABLE gone RENAME TO orders');
    }
    const id = response.headers['x-request-id'];
    await until(() => server.log.of(String(id)).some(({ message }) => message === 'request'));
    expect(server.log.of(String(id))).toMatchObject([
      { message: 'export broken off', level: 'error', error: { message: expect.stringContaining('does not exist') } },
      { message: 'request', status: 200, aborted: true },
    ]);
  });

  it('told to stop while somebody reads slowly → he is cut off, and the server ends as it should', async () => {
    const response = await stalledExport();
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
    await expect(linesOf(response)).rejects.toThrow('aborted');
  });
});
