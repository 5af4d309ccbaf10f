import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as soon } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configureLogging } from '@app/logging';
import express from 'express';
import { Export } from './export.js';
import { sendExport } from './send-export.js';

const HEADERS = { 'Content-Type': 'text/csv' };
/** More than the buffers between two ends of a connection hold. */
const LARGE = 'x'.repeat(1_000_000);
const MANY = 200;

let server: http.Server;
let chunks: () => AsyncIterable<string>;
let stop: AbortController;
let stalledMs: number;
let sent: Promise<void>;
let connections: Socket[];
const lines: string[] = [];

beforeEach(async () => {
  lines.length = 0;
  await configureLogging({ level: 'info', format: 'json', stream: { write: (line) => lines.push(line) } });
  [stop, stalledMs] = [new AbortController(), 60_000];
  const app = express().use((_request, response) => {
    sent = sendExport(new Export(HEADERS, chunks()), response, { stop: stop.signal, stalledMs });
  });
  connections = [];
  server = app.listen(0, '127.0.0.1').on('connection', (socket: Socket) => connections.push(socket));
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function ask(method = 'GET'): Promise<http.IncomingMessage> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  const request = http.request({ port, method, agent: false }).end();
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  if (!response) throw new Error('no response');
  return response;
}

function isCutOff(response: http.IncomingMessage): Promise<boolean> {
  return text(response).then(
    () => false,
    () => !response.complete,
  );
}

/** Counts what was made. */
function endless(): { made: number } {
  const count = { made: 0 };
  chunks = async function* () {
    for (; count.made < MANY; count.made += 1) {
      await soon();
      yield LARGE;
    }
  };
  return count;
}

describe('an export', () => {
  it('to its end → all of it, with its headers', async () => {
    chunks = async function* () {
      await soon();
      yield* ['a\n', '', 'b\n'];
    };
    const response = await ask();
    expect([await text(response), response.complete, response.headers['content-type']]).toEqual([
      'a\nb\n',
      true,
      'text/csv',
    ]);
  });

  it('large, to a reader who takes it all → all of it', async () => {
    endless();
    expect(await text(await ask())).toHaveLength(MANY * LARGE.length);
  });

  it('HEAD → headers, and nothing is made', async () => {
    const count = endless();
    const response = await ask('HEAD');
    expect([await text(response), response.headers['content-type'], count.made]).toEqual(['', 'text/csv', 0]);
  });

  it('a failure on the way → no clean end, and a line that says why', async () => {
    chunks = async function* () {
      yield 'a\n';
      await soon();
      throw new Error('the database went away');
    };
    expect(await isCutOff(await ask())).toBe(true);
    await sent;
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { message: 'export broken off', level: 'error', error: { message: 'the database went away' } },
    ]);
  });

  it('a reader who goes away while he is sent something → nothing more is made, and no error is logged', async () => {
    let made = 0;
    chunks = async function* () {
      yield LARGE.repeat(50);
      made += 1;
      await soon();
      yield 'more';
    };
    (await ask()).destroy();
    await sent;
    expect([made, lines]).toEqual([0, []]);
  });

  it('a reader who goes away while something is made → it is not sent, and no error is logged', async () => {
    const gone = Promise.withResolvers<void>();
    let made = 0;
    chunks = async function* () {
      yield 'a\n';
      await gone.promise;
      for (; made < MANY; made += 1) yield 'b\n';
    };
    const response = await ask();
    const [connection] = connections;
    response.destroy();
    if (connection && !connection.closed) await once(connection, 'close');
    gone.resolve();
    await sent;
    expect([made, lines]).toEqual([0, []]);
  });

  it('a reader who takes nothing for too long → is cut off', async () => {
    stalledMs = 200;
    const count = endless();
    const response = await ask();
    await sent;
    expect(count.made).toBeLessThan(MANY);
    expect(await isCutOff(response)).toBe(true);
  });

  it('the server stops while a reader is slow → he is cut off', async () => {
    endless();
    const response = await ask();
    stop.abort(new Error('the server stops'));
    await sent;
    expect(await isCutOff(response)).toBe(true);
    expect(lines.join()).toContain('the server stops');
  });
});
