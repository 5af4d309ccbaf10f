import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { databaseOn, throwAwayServer } from '../database.mjs';
import { fill } from '../seed/fill.mjs';
import { ADMIN } from '../seed/statements.mjs';
import { Server } from '../server.mjs';
import { computedMs, familyMs, parentOf } from './processor-time.mjs';

const ORDERS = 20_000;
/** Hits are counted one by one, as for usual limits: from 2,000 on they would be counted in portions. */
const EACH_HIT = { RATE_LIMIT_MAX: '1999', RATE_LIMIT_ADDRESS_MAX: '1999', RATE_LIMIT_WINDOW_S: '1' };

/** One server process on a PostgreSQL and a Redis of its own, with a shop in it. */
export class Bench {
  static async start(endings) {
    const postgres = await throwAwayServer(ORDERS, ['-c', 'shared_buffers=256MB']);
    endings.add(() => postgres.stop());
    const { url } = await databaseOn(postgres.url, 'plinth_cost');
    await fill(url, {
      users: 2_000,
      orders: ORDERS,
      days: 60,
      chunk: 10_000,
      writers: 2,
      triggers: 'off',
      force: false,
    });
    const redis = await startRedis(endings);
    const environment = { ...EACH_HIT, CACHE: 'on', REDIS_URL: redis.url, SHEDDING: 'off', LOG_LEVEL: 'info' };
    const server = await Server.start(url, environment);
    endings.add(() => server.stop());
    await server.signIn(ADMIN);
    return new Bench(server, redis, await shopOf(url));
  }

  constructor(server, redis, shop) {
    this.server = server;
    this.redis = redis;
    this.shop = shop;
  }

  /** Processor time so far, in milliseconds, and commands of Redis. */
  async reading() {
    return {
      serverMs: computedMs(this.server.child.pid),
      databaseMs: familyMs(this.shop.postmaster),
      redisMs: computedMs(this.redis.pid),
      redisCommands: await this.redis.commands(),
    };
  }
}

async function shopOf(url) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const orders = await client.query('SELECT id FROM orders');
    const users = await client.query('SELECT id FROM users');
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return {
      orders: orders.rows.map(({ id }) => id),
      users: users.rows.map(({ id }) => id),
      postmaster: parentOf(rows[0].pid),
    };
  } finally {
    await client.end();
  }
}

async function startRedis(endings) {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', '/tmp'];
  const child = spawn('redis-server', flags, { stdio: 'ignore' });
  endings.add(() => child.kill('SIGKILL'));
  const url = `redis://127.0.0.1:${port}`;
  const client = createClient({ url, socket: { reconnectStrategy: 50 } });
  client.on('error', () => undefined); // not there yet
  await Promise.race([client.connect(), delay(5_000).then(() => Promise.reject(new Error('no redis-server')))]);
  endings.add(() => client.destroy());
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))[1]);
  return { url, pid: child.pid, commands };
}

async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}
