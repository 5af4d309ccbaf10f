import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { reachableDataDir, startEmbeddedPostgres } from '../../dist/libs/database/src/embedded/embedded-postgres.js';
import { UsageError } from './arguments.mjs';

/** The server of `url`, or else the one that `npm start` uses, in `DATA_DIR`. @returns `{ url, stop }` */
export async function openDatabase(url) {
  if (url) return { url, stop: () => undefined };
  const dataDir = reachableDataDir(path.resolve(process.env.DATA_DIR ?? '.data', 'postgres'));
  const server = await startEmbeddedPostgres({ dataDir });
  return { url: server.url, stop: () => server.stop() };
}

/** Room for tables, indexes and sums of an order, and for the log of its insertion. */
const BYTES_PER_ORDER = 2_600;

/**
 * A server of our own that commits to the disk as a real one does, and is gone afterwards.
 *
 * @param orders that it will hold. @throws UsageError when the disk is too small for them.
 */
export async function throwAwayServer(orders, flags = []) {
  const dataDir = mkdtempSync('/tmp/plinth-load-');
  const { bavail, bsize } = statfsSync(dataDir);
  const needed = orders * BYTES_PER_ORDER;
  if (needed > bavail * bsize) {
    rmSync(dataDir, { recursive: true });
    throw new UsageError(`/tmp has no room for ${orders} orders: some ${Math.ceil(needed / 1e9)} GB`);
  }
  const server = await startEmbeddedPostgres({ dataDir, flags: [...flags, '-c', 'max_wal_size=4GB'] });
  const stop = async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true });
  };
  return { url: server.url, stop };
}

/** @returns `{ url, drop }` of a database on that server, made and migrated unless it is there already. */
export async function databaseOn(serverUrl, name) {
  await onServer(serverUrl, async (client) => {
    const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rows.length === 0) await client.query(`CREATE DATABASE ${name}`);
  });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  migrate(url.href);
  const drop = () => onServer(serverUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  return { url: url.href, drop };
}

/** Brings the schema up. */
export function migrate(url) {
  const env = { PATH: process.env.PATH, DATABASE_URL: url, LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
  const { status } = spawnSync(process.execPath, ['dist/apps/api/src/migrate.js'], { env, stdio: 'inherit' });
  if (status !== 0) throw new UsageError('the migration failed');
}

async function onServer(url, work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
