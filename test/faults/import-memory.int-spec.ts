import fs from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { aRow, ndjson } from '../support/imports.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

const ADMIN = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };
const FIRST_ROWS = 10_000;
const ROWS = 40_000;
/** 30,000 rows, were they kept, would be 14 MB; none leaves 1 MB. */
const MAX_LIVE_RISE_MB = 7;
/** With what waits for the next full garbage collection. */
const MAX_PEAK_RISE_MB = 100;
const HOOK = './test/support/live-heap-hook.mjs';
const LIMIT_MS = 240_000;

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
});

function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

/** @returns what is still referred to. */
async function liveMb(server: ServerProcess): Promise<number> {
  const before = server.said('live').length;
  server.signal('SIGUSR2');
  await until(() => server.said('live').length > before);
  return Number(server.said('live').at(-1)?.['bytes']) / 2 ** 20;
}

async function post(url: string, body: string | URLSearchParams, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${url} → ${response.status}: ${await response.text()}`);
  return response.text();
}

async function progress(): Promise<number> {
  const [job] = await postgres.query<{ done: number }>('SELECT progress_done::int AS done FROM jobs');
  return job?.done ?? 0;
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('the memory of a process that imports', () => {
  it('row after row → does not grow with them', async () => {
    const server = ServerProcess.spawn({
      hook: HOOK,
      variables: { DATABASE_URL: postgres.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', DOCS: 'off', JOBS: 'inline' },
    });
    forAll.add(() => server.kill());
    const at = `${await server.listening()}/api/v1`;
    await post(`${at}/users`, JSON.stringify(ADMIN), { 'Content-Type': 'application/json' });
    await postgres.query(`UPDATE users SET roles = '{customer,admin}'`);
    const credentials = { grant_type: 'password', username: ADMIN.email, password: ADMIN.password };
    const { access_token: token }: { access_token: string } = JSON.parse(
      await post(`${at}/auth/token`, new URLSearchParams(credentials)),
    );
    const rows = Array.from({ length: ROWS }, (_, n) => aRow(`row-${n}`, ADMIN.email, { note: `Row ${n}.` }));
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-ndjson' };
    await post(`${at}/process?type=orders.import`, ndjson(rows), headers);

    await until(async () => (await progress()) >= FIRST_ROWS, LIMIT_MS);
    const before = { live: await liveMb(server), peak: peakMb(server.pid) };
    expect(await progress()).toBeLessThan(ROWS / 2); // there is enough to come
    await until(async () => (await progress()) === ROWS, LIMIT_MS);
    const after = { live: await liveMb(server), peak: peakMb(server.pid) };
    expect(after.live - before.live).toBeLessThan(MAX_LIVE_RISE_MB);
    expect(after.peak - before.peak).toBeLessThan(MAX_PEAK_RISE_MB);
  }, 600_000);
});
