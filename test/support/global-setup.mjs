import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/libs/database/src/embedded/embedded-postgres.js';

const TEMPLATE = 'plinth_template';

/** One PostgreSQL for the whole run, and one migrated database in it that every test file clones. */
export default async function setUp() {
  const dataDir = path.join(os.tmpdir(), `plinth-test-${process.pid}-${Date.now()}`);
  const server = await startEmbeddedPostgres({
    dataDir,
    flags: [
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=300',
    ],
  });
  globalThis.plinthTest = { server, dataDir };
  const url = new URL(server.url);
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  url.pathname = `/${TEMPLATE}`;
  await promisify(execFile)(process.execPath, ['dist/apps/api/src/migrate.js'], {
    env: { PATH: process.env.PATH, DATABASE_URL: url.href, LOG_LEVEL: 'warn' },
  });
  process.env.TEST_SERVER_URL = server.url;
  process.env.TEST_TEMPLATE = TEMPLATE;
}
