import { randomUUID } from 'node:crypto';
import { Connections } from './connections.mjs';

const TICK_MS = 5;
/** So long may answers be late. */
const PATIENCE_MS = 20_000;

/**
 * Sends at a fixed rate, whatever comes back: as many users do who know nothing of each other.
 *
 * @param next makes the next request. @returns all answers, by their ends.
 */
export async function atRate(url, next, { perSecond, seconds }) {
  const connections = new Connections(url);
  const answers = [];
  const startedAt = performance.now();
  let sent = 0;
  for (let at = startedAt; at < startedAt + seconds * 1_000; at = performance.now()) {
    const due = Math.floor(((at - startedAt) / 1_000) * perSecond);
    for (; sent < due; sent += 1) void connections.send(next()).then((answer) => answers.push(answer));
    await pause();
  }
  const lastAt = performance.now() + PATIENCE_MS;
  while (answers.length < sent && performance.now() < lastAt) await pause();
  connections.close();
  return answers;
}

/** One after the other in each lane, until `isOver` says so. @returns all answers, by their ends. */
export async function inLanes(url, next, { lanes, isOver }) {
  const connections = new Connections(url);
  const answers = [];
  const lane = async () => {
    while (!isOver(answers)) {
      const request = next();
      answers.push({ ...(await connections.send(request)), request });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  connections.close();
  return answers;
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

/**
 * What a shop is asked: mostly to read, now and then to order.
 *
 * @param every the larger, the fewer requests are other than those for one's own user.
 */
export function shopTraffic(token, every = 20) {
  const headers = { Authorization: `Bearer ${token}` };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const items = [1, 2, 3].map((n) => ({ sku: `SKU-${n}`, name: 'Thing', quantity: n, unitPriceCents: 100 }));
  const body = JSON.stringify({ currency: 'USD', items });
  const order = () => ({
    method: 'POST',
    path: '/api/v1/orders',
    headers: { ...json, 'Idempotency-Key': randomUUID() },
    body,
  });
  // Without a key: no balancer may send it twice.
  const revocation = { method: 'POST', path: '/api/v1/auth/revoke', headers: json, body: '{"token":"none"}' };
  const list = { path: '/api/v1/orders?limit=20', headers };
  const user = { path: '/api/v1/users/me', headers };
  let n = 0;
  return () => {
    n = (n + 1) % every;
    if (n === 0) return order();
    if (n === 1) return revocation;
    return n < 6 ? list : user;
  };
}
