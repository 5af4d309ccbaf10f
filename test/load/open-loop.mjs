import { randomUUID } from 'node:crypto';
import net from 'node:net';

const TICK_MS = 5;
const MAX_CONNECTIONS = 4_000;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Sends requests at a fixed rate, whatever comes back: as many users do who know nothing of each other. Who finds no
 * connection free opens another one.
 */
export class OpenLoop {
  idle = [];
  connections = 0;
  answers = [];

  /** @param request makes the next one: `{ method, path, headers, body }`. */
  constructor(url, request) {
    const { hostname, port } = new URL(url);
    this.address = { host: hostname, port: Number(port) };
    this.request = request;
  }

  /** @returns `[{ at, ms, status }]`, `status` 0 where the connection broke or was never made, in the order of the ends. */
  async run({ perSecond, seconds }) {
    this.answers = [];
    const startedAt = performance.now();
    let sent = 0;
    for (let at = startedAt; at < startedAt + seconds * 1_000; at = performance.now()) {
      const due = Math.floor(((at - startedAt) / 1_000) * perSecond);
      for (; sent < due; sent += 1) this.send();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    while (this.answers.length < sent && performance.now() < startedAt + seconds * 1_000 + 20_000) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    for (const connection of this.idle.splice(0)) connection.socket.destroy();
    return this.answers;
  }

  send() {
    const at = performance.now();
    const done = (status) => this.answers.push({ at, ms: performance.now() - at, status });
    const connection = this.idle.pop() ?? this.connect();
    if (connection === undefined) return done(0);
    connection.done = done;
    return connection.socket.write(this.text());
  }

  text() {
    const { method = 'GET', path, headers = {}, body = '' } = this.request();
    const lines = Object.entries({ ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) });
    const head = [`${method} ${path} HTTP/1.1`, `Host: ${this.address.host}:${this.address.port}`];
    return [...head, ...lines.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
  }

  connect() {
    if (this.connections >= MAX_CONNECTIONS) return undefined;
    this.connections += 1;
    const connection = { socket: net.connect({ ...this.address, noDelay: true }), received: '' };
    connection.socket.setEncoding('latin1');
    connection.socket.on('data', (text) => this.hear(connection, text));
    connection.socket.on('error', () => undefined); // `close` follows
    connection.socket.on('close', () => {
      this.connections -= 1;
      this.idle = this.idle.filter((each) => each !== connection);
      connection.done?.(0);
    });
    return connection;
  }

  hear(connection, text) {
    connection.received += text;
    const head = connection.received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(connection.received.slice(0, head)) ?? [];
    if (connection.received.length < head + END_OF_HEAD.length + Number(length)) return;
    const { done } = connection;
    const status = Number(connection.received.slice(9, 12));
    connection.received = '';
    connection.done = undefined;
    this.idle.push(connection);
    done?.(status);
  }
}

/** What a shop is asked: mostly to read, now and then to order. */
export function shopTraffic(token) {
  const headers = { Authorization: `Bearer ${token}` };
  const order = JSON.stringify({
    currency: 'USD',
    items: [1, 2, 3].map((n) => ({ sku: `SKU-${n}`, name: 'Thing', quantity: n, unitPriceCents: 100 })),
  });
  let n = 0;
  return () => {
    n += 1;
    if (n % 10 === 0) {
      const keyed = { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
      return { method: 'POST', path: '/api/v1/orders', headers: keyed, body: order };
    }
    return { path: n % 10 < 4 ? '/api/v1/orders?limit=20' : '/api/v1/users/me', headers };
  };
}
