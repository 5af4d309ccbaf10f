import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const CONNECTIONS = 16;
/** Requests of a millisecond at most: fewer than the limits of the bench allow. */
const PACE = 1.8;
const GROWING = ['serverMs', 'databaseMs', 'redisMs', 'redisCommands'];

/**
 * Floods of each kind in turn, several times, so that whatever else the machine does hits all alike.
 *
 * @param nexts by name a function that says the next request.
 * @param how `{ rounds, seconds }`: of one kind in one round.
 * @returns by name `{ perSecond, serverShare, cost }`: `serverShare` of a processor that the server got, `cost` of a
 *   request in milliseconds, with `statements` and `redisCommands`; `heldMs` is its time in the database when it is alone.
 * @throws Error for an answer that is no success.
 */
export async function measure(bench, nexts, { rounds, seconds }) {
  const sums = {};
  for (const [name, next] of Object.entries(nexts)) {
    await flood(bench.server, next, { seconds: 1, connections: CONNECTIONS });
    const alone = await flood(bench.server, next, { seconds: 1, connections: 1 });
    sums[name] = {
      requests: 0,
      ms: 0,
      statements: 0,
      ...Object.fromEntries(GROWING.map((grows) => [grows, 0])),
      alone,
    };
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, next] of Object.entries(nexts)) await addTo(sums[name], bench, { next, seconds });
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, told(sum)]));
}

async function addTo(sum, bench, { next, seconds }) {
  const [before, startedAt] = [await bench.reading(), performance.now()];
  const { requests, statements } = await flood(bench.server, next, { seconds, connections: CONNECTIONS });
  const [after, ms] = [await bench.reading(), performance.now() - startedAt];
  sum.requests += requests;
  sum.statements += statements;
  sum.ms += ms;
  for (const name of GROWING) sum[name] += after[name] - before[name];
}

function told({ requests, ms, alone, ...sums }) {
  const cost = { heldMs: alone.heldMs / alone.requests };
  for (const [name, sum] of Object.entries(sums)) cost[name] = sum / requests;
  return { perSecond: (1_000 * requests) / ms, serverShare: sums.serverMs / ms, cost };
}

/** Without a pause, unless a limit would be met. */
async function flood(server, next, { seconds, connections }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const startedAt = performance.now();
  const sums = { requests: 0, statements: 0, heldMs: 0 };
  let begun = 0;
  const lane = async () => {
    while (performance.now() < startedAt + 1_000 * seconds) {
      const earlyMs = begun++ / PACE - (performance.now() - startedAt);
      if (earlyMs > 1) await delay(earlyMs);
      const timing = await send(server, agent, next());
      sums.requests += 1;
      sums.statements += timing.statements;
      sums.heldMs += timing.databaseMs;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, lane));
  } finally {
    agent.destroy();
  }
  return sums;
}

async function send(server, agent, { method = 'GET', path, headers = {}, body }) {
  const all = {
    authorization: `Bearer ${server.token}`,
    ...(body && { 'content-type': 'application/json' }),
    ...headers,
  };
  const request = http.request(`${server.url}/api/v1${path}`, { method, agent, headers: all });
  request.end(body && JSON.stringify(body));
  const [response] = await once(request, 'response');
  const answer = await text(response);
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`);
  const [, ms = 0, statements = 0] =
    /db;dur=([\d.]+)(?:;desc="(\d+) quer)?/.exec(response.headers['server-timing'] ?? '') ?? [];
  return { databaseMs: Number(ms), statements: Number(statements) };
}
