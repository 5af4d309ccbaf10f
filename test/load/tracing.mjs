// What traces cost a server: npm run load:tracing -- --rounds 12
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { parseConfig } from '../../dist/apps/api/src/app.config.js';
import { createApp } from '../../dist/apps/api/src/create-app.js';
import { configureLogging, traceWith } from '../../dist/libs/logging/src/index.js';
import { OtelTracer } from '../../dist/libs/telemetry/src/tracing/otel-tracer.js';
import { readArguments, run, wholeNumber } from './arguments.mjs';
import { databaseOn, throwAwayServer } from './database.mjs';
import { Endings } from './endings.mjs';
import { markdownTable, median } from './figures.mjs';
import { fill } from './seed/fill.mjs';
import { ANALYST, PASSWORD } from './seed/statements.mjs';

const OPTIONS = {
  rounds: { type: 'string', default: '12', help: 'each of 2 s without traces, with all, with a tenth' },
};
const ORDERS = 1_000;
const SLICE_MS = 2_000;
const WARM_UP_ROUNDS = 1;
/** Shares of the traces that are recorded; undefined: none is begun. */
const SETTINGS = [undefined, 1, 0.1];
const KEYS = 'load=Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0';
const UNLIMITED = { RATE_LIMIT_MAX: '1000000', RATE_LIMIT_ADDRESS_MAX: '1000000' };

await run(async () => {
  const rounds = wholeNumber('rounds', readArguments('npm run load:tracing -- --rounds 12', OPTIONS).rounds);
  await Endings.after(async (endings) => {
    await configureLogging({ level: 'info', format: 'json', stream: { write: () => undefined } });
    const url = await seeded(endings);
    const endpoint = await collect(endings);
    const rows = [];
    for (const [name, CACHE] of Object.entries({ 'from the cache': 'on', 'from the database': 'off' })) {
      rows.push([name, ...cells(await measured(url, { CACHE, endpoint, rounds }))]);
    }
    const head = ['µs of CPU for GET /users/{id}', 'no traces', 'all recorded', 'a tenth'];
    process.stdout.write(markdownTable(head, rows));
  });
});

async function seeded(endings) {
  const postgres = await throwAwayServer(ORDERS);
  endings.add(() => postgres.stop());
  const { url } = await databaseOn(postgres.url, 'plinth_tracing');
  await fill(url, { users: 100, orders: ORDERS, days: 30, chunk: ORDERS, writers: 1, triggers: 'off', force: false });
  return url;
}

/** A collector that takes everything and keeps nothing. @returns where it listens. */
async function collect(endings) {
  const server = http.createServer((request, response) => request.resume().on('end', () => response.end()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  endings.add(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** @returns the costs of requests by setting. One process serves all settings in turn: same code, same memory. */
async function measured(url, { CACHE, endpoint, rounds }) {
  const config = parseConfig({ DATABASE_URL: url, JWT_KEYS: KEYS, CACHE, JOBS: 'off', SHEDDING: 'off', ...UNLIMITED });
  const app = await createApp(config, { databaseUrl: url, keys: config.jwt.keys });
  await app.listen(0, '127.0.0.1');
  const wrk = await busy(await app.getUrl());
  const costs = SETTINGS.map(() => []);
  try {
    for (let round = 0; round < rounds + WARM_UP_ROUNDS; round += 1) {
      const found = await turn(app.getHttpServer(), endpoint);
      if (round >= WARM_UP_ROUNDS) found.forEach((cost, index) => costs[index].push(cost));
    }
  } finally {
    wrk.kill();
    await app.close();
  }
  return costs;
}

/** @returns the costs of one slice of each setting. */
async function turn(server, endpoint) {
  const costs = [];
  for (const sampled of SETTINGS) {
    costs.push(await slice(server, sampled === undefined ? undefined : { endpoint, serviceName: 'load', sampled }));
  }
  return costs;
}

/** Keeps the server busy until it is killed. */
async function busy(url) {
  const body = new URLSearchParams({ grant_type: 'password', username: ANALYST, password: PASSWORD });
  const { access_token: token } = await json((await fetch(`${url}/api/v1/auth/token`, { method: 'POST', body })).body);
  const headers = { authorization: `Bearer ${token}` };
  const { id } = await json((await fetch(`${url}/api/v1/users/me`, { headers })).body);
  const flags = ['-t1', '-c16', '-d3600s', '-H', `Authorization: Bearer ${token}`, `${url}/api/v1/users/${id}`];
  return spawn('wrk', flags, { stdio: 'ignore' });
}

/** @returns microseconds of CPU for a request; what is recorded is sent within it. */
async function slice(server, settings) {
  let requests = 0;
  const count = () => (requests += 1);
  server.on('request', count);
  const before = process.cpuUsage();
  const tracer = settings && new OtelTracer(settings);
  traceWith(tracer);
  await delay(SLICE_MS);
  traceWith(undefined);
  await tracer?.stop();
  const { user, system } = process.cpuUsage(before);
  server.off('request', count);
  if (requests === 0) throw new Error('nothing is asked: is wrk installed?');
  return (user + system) / requests;
}

/** Of each round, so that what slows the machine down slows all settings down. */
function cells([off, ...traced]) {
  const ratios = traced.map((costs) => median(costs.map((cost, round) => cost / off[round])));
  return [
    median(off).toFixed(0),
    ...traced.map((costs, index) => `${median(costs).toFixed(0)} (${ratios[index].toFixed(2)}×)`),
  ];
}
