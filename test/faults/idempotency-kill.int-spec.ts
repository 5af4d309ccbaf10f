import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { until } from '../support/waiting.js';

/** Servers that are started, used and killed side by side: a start takes a second of one processor. */
const LANES = 3;
const KILLS_PER_LANE = 17;
/** Requests under way when a server is killed, all with keys of their own. */
const BURST = 12;
/** The kill comes at any moment after any of the answers. */
const MOMENTS_MS = 20;
const AGAIN_MS = 20;
const MAX_TRIES = 200;

const USER = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };

/** What became of a key: the order that it was answered with, once it was. */
interface Fate {
  readonly orderId: string;
  readonly isReplay: boolean;
}

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let token: string;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  const server = aServer();
  const url = await server.listening();
  const credentials = { grant_type: 'password', username: USER.email, password: USER.password };
  const registered = await post(`${url}/api/v1/users`, USER);
  expect(registered.status).toBe(201);
  const signedIn = await post(`${url}/api/v1/auth/token`, credentials);
  const tokens: { access_token: string } = JSON.parse(await signedIn.text());
  token = tokens.access_token;
  await server.kill();
});

function aServer(): ServerProcess {
  const server = ServerProcess.spawn({
    variables: {
      DATABASE_URL: postgres.url,
      JWT_KEYS: KEYS,
      DEMO_DATA: 'false',
      DOCS: 'off',
      RATE_LIMIT_MAX: '1000000',
      RATE_LIMIT_ADDRESS_MAX: '1000000',
    },
  });
  forAll.add(() => server.kill());
  return server;
}

function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'Content-Type': 'application/json', ...headers };
  return fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) });
}

/** @returns undefined when the answer did not come, or is still being made. */
async function place(url: string, key: string): Promise<Fate | undefined> {
  const body = {
    currency: 'USD',
    items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }],
    note: key,
  };
  const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': key };
  const response = await post(`${url}/api/v1/orders`, body, headers).catch(() => undefined);
  const text = await response?.text().catch(() => undefined);
  if (response === undefined || text === undefined) return undefined;
  const answer: { id: string; code?: string } = JSON.parse(text);
  if (answer.code === 'idempotency.in_progress') return undefined;
  if (response.status !== 201) throw new Error(`unexpected answer ${response.status}: ${text}`);
  return { orderId: answer.id, isReplay: response.headers.has('idempotent-replayed') };
}

/** Repeats a request as its client would. */
async function untilAnswered(url: string, key: string): Promise<Fate> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const fate = await place(url, key);
    if (fate) return fate;
    await delay(AGAIN_MS);
  }
  throw new Error(`${key} was not answered in ${MAX_TRIES} tries`);
}

/** Kills one server after another under its requests; each successor is asked first for what was cut off. */
async function killAgainAndAgain(fates: Map<string, Fate>, repeated: Map<string, Fate>): Promise<void> {
  let cut: string[] = [];
  for (let kill = 0; kill <= KILLS_PER_LANE; kill += 1) {
    const server = aServer();
    const url = await server.listening();
    await Promise.all(cut.map(async (key) => repeated.set(key, await untilAnswered(url, key))));
    const keys = kill === KILLS_PER_LANE ? [] : Array.from({ length: BURST }, () => randomUUID());
    let arrived = 0;
    const answers = keys.map(async (key) => {
      const fate = await place(url, key);
      arrived += 1;
      return [key, fate] as const;
    });
    const killAfter = Math.floor(Math.random() * keys.length);
    await until(() => arrived >= killAfter);
    await delay(Math.random() * MOMENTS_MS);
    await server.kill();
    const settled = await Promise.all(answers);
    cut = settled.filter(([, fate]) => fate === undefined).map(([key]) => key);
    for (const [key, fate] of settled) if (fate) fates.set(key, fate);
  }
}

describe(`a server that is killed ${LANES * KILLS_PER_LANE} times while it places orders`, () => {
  it('every request is repeated until it is answered → one order for each key, the one that the answer names', async () => {
    const [answered, repeated] = [new Map<string, Fate>(), new Map<string, Fate>()];
    await Promise.all(Array.from({ length: LANES }, () => killAgainAndAgain(answered, repeated)));
    const fates = new Map([...answered, ...repeated]);
    expect(fates.size).toBe(LANES * KILLS_PER_LANE * BURST);
    const orders = await postgres.query<{ id: string; note: string }>('SELECT id, note FROM orders');
    const named = [...fates].map(([key, { orderId }]) => `${key} ${orderId}`);
    expect(orders.map(({ id, note }) => `${note} ${id}`).toSorted()).toEqual(named.toSorted());
    const ends = [...repeated.values()].map(({ isReplay }) => isReplay);
    // The kills fell on every side of the commit: before it, after it, and after the answer.
    expect([ends.includes(false), ends.includes(true), answered.size > 0]).toEqual([true, true, true]);
  }, 300_000);
});
