import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { createClient } from 'redis';
import { programFile } from './installed.js';
import { end, sendSignal } from './processes.js';
import { until } from './waiting.js';

type Arguments = readonly string[];

/** A Redis of the test's own, empty and without a file, on one port for all its life, that a test may take and give back. */
export class ThrowAwayRedis {
  private server: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly directory: string,
    private readonly options: Arguments,
  ) {}

  /** @param options for the command line: `'--maxmemory', '2mb'`. */
  static async start(...options: Arguments): Promise<ThrowAwayRedis> {
    const redis = await ThrowAwayRedis.absent(...options);
    await redis.startAgain();
    return redis;
  }

  /** A port that nobody listens on until {@link startAgain}. */
  static async absent(...options: Arguments): Promise<ThrowAwayRedis> {
    return new ThrowAwayRedis(await freePort(), fs.mkdtempSync('/tmp/plinth-redis-'), options);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** On the same port, with nothing in it. */
  async startAgain(): Promise<void> {
    const file = programFile('redis-server');
    if (file === undefined) throw new Error('redis-server is not installed');
    const server = spawn(file, [...this.flags(), ...this.options], { stdio: 'ignore' });
    this.server = server;
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode} on port ${this.port}`);
      return canConnect(this.port);
    });
  }

  /** As its administrator would: clients are told, and the port is free. */
  async stop(): Promise<void> {
    if (this.server) await end(this.server, 'SIGTERM');
  }

  /** As the out-of-memory killer would. */
  async kill(): Promise<void> {
    if (this.server) await end(this.server, 'SIGKILL');
  }

  /** Connections stay open, new ones are even accepted, and nobody answers. */
  freeze(): void {
    if (this.server?.pid !== undefined) sendSignal(this.server.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.server?.pid !== undefined) sendSignal(this.server.pid, 'SIGCONT');
  }

  /** On a connection of its own: `query('CLIENT', 'LIST')`. */
  async query(...command: Arguments): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined); // the command rejects, too
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  /** @returns how often it ran each command since it started, by the name in small letters: `get`, `client|list`. */
  async commands(): Promise<ReadonlyMap<string, number>> {
    const text = String(await this.query('INFO', 'commandstats'));
    const lines = text.matchAll(/^cmdstat_(?<name>\S+?):calls=(?<calls>\d+)/gm);
    return new Map([...lines].map(({ groups }) => [groups?.['name'] ?? '', Number(groups?.['calls'])]));
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.kill();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private flags(): Arguments {
    return ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.directory, '--save', '', ...NO_FILES];
  }
}

const NO_FILES = ['--appendonly', 'no', '--daemonize', 'no'];

/** @returns a port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function canConnect(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
