import net from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
/** Answered with nothing, because the connection broke. */
export const BROKEN = 0;
/** Nobody took the connection. */
export const REFUSED = -1;

/** Plain HTTP/1.1 on raw sockets: thousands of requests a second cost the caller next to nothing. */
export class Connections {
  idle = [];
  open = 0;

  constructor(url, max = 4_000) {
    const { hostname, port } = new URL(url);
    this.address = { host: hostname, port: Number(port) };
    this.max = max;
  }

  /** @param request `{ method, path, headers, body }`. @returns `{ at, ms, status, head }`; also of what failed. */
  send(request) {
    return new Promise((resolve) => {
      const at = performance.now();
      const done = (status, head = '') => resolve({ at, ms: performance.now() - at, status, head });
      const connection = this.idle.pop() ?? this.connect();
      if (connection === undefined) return done(REFUSED);
      connection.done = done;
      return connection.socket.write(this.text(request));
    });
  }

  close() {
    for (const { socket } of this.idle.splice(0)) socket.destroy();
  }

  text({ method = 'GET', path, headers = {}, body = '' }) {
    const lines = Object.entries({ ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) });
    const head = [`${method} ${path} HTTP/1.1`, `Host: ${this.address.host}:${this.address.port}`];
    return [...head, ...lines.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
  }

  connect() {
    if (this.open >= this.max) return undefined;
    this.open += 1;
    const connection = { socket: net.connect({ ...this.address, noDelay: true }), received: '', failure: BROKEN };
    connection.socket.setEncoding('latin1');
    connection.socket.on('data', (text) => this.hear(connection, text));
    connection.socket.on('error', ({ code }) => (connection.failure = code === 'ECONNREFUSED' ? REFUSED : BROKEN));
    connection.socket.on('close', () => {
      this.open -= 1;
      this.idle = this.idle.filter((each) => each !== connection);
      connection.done?.(connection.failure);
    });
    return connection;
  }

  hear(connection, text) {
    connection.received += text;
    const end = connection.received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = connection.received.slice(0, end);
    const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (connection.received.length < end + END_OF_HEAD.length + Number(length)) return;
    const { done } = connection;
    connection.received = '';
    connection.done = undefined;
    if (/\r\nconnection: close/i.test(head)) connection.socket.destroy();
    else this.idle.push(connection);
    done?.(Number(head.slice(9, 12)), head);
  }
}
