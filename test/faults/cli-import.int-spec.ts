import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { cli } from '../support/cli.js';
import { aRow, ndjson } from '../support/imports.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';

const ADMIN = { name: 'Ann', email: 'ann@example.com', password: 'a password of ann' };
const WITH_PASSWORD = { PLINTH_PASSWORD: ADMIN.password };
const AS_ADMIN = ['--email', ADMIN.email];

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let url: string;
let directory: string;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  const server = ServerProcess.spawn({
    variables: { DATABASE_URL: postgres.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', JOBS: 'inline' },
  });
  forAll.add(() => server.kill());
  url = await server.listening();
  await register(ADMIN);
  await postgres.query(`UPDATE users SET roles = '{customer,admin}'`);
  directory = forAll.aDirectory();
});

async function register(user: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const { status } = await fetch(`${url}/api/v1/users`, { method: 'POST', headers, body: JSON.stringify(user) });
  expect(status).toBe(201);
}

/** Passes everything on, but loses the first answer to a request for such a path: a page with this status comes instead. */
async function aProxy({ lost, status }: { lost: RegExp; status: number }) {
  const proxy = { url: '', failures: 0 };
  const server = http.createServer((request, response) => {
    const { url: target = '', method, headers } = request;
    const onward = http.request(new URL(target, url), { method, headers }, (answer) => {
      if (proxy.failures > 0 || !lost.test(target)) {
        pipeline(answer, response.writeHead(answer.statusCode ?? 0, answer.headers), () => undefined);
        return;
      }
      proxy.failures += 1;
      answer.destroy();
      response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>Not now</h1>');
    });
    pipeline(request, onward, () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  forAll.add(() => server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(proxy, { url: `http://127.0.0.1:${address.port}` });
}

function aFile(name: string, rows: readonly (object | string)[]): string {
  const file = path.join(directory, name);
  fs.writeFileSync(file, ndjson(rows));
  return file;
}

async function importedLike(pattern: string): Promise<number> {
  const rows = await postgres.query('SELECT FROM order_imports WHERE external_id LIKE $1', [pattern]);
  return rows.length;
}

describe('npm run cli -- import', () => {
  it('a file of good rows → 0, and a line with the counts; sent again → all of them are known', async () => {
    const rows = Array.from({ length: 1_100 }, (_, index) => aRow(`good-${index}`, ADMIN.email));
    const call = ['import', aFile('good.ndjson', rows), '--url', url, ...AS_ADMIN];
    const [first, again] = [
      await cli(call, { variables: WITH_PASSWORD }),
      await cli(call, { variables: WITH_PASSWORD }),
    ];
    expect(first).toEqual({ code: 0, stdout: '1100 imported, 0 skipped, 0 rejected\n', stderr: '' });
    expect(again).toEqual({ code: 0, stdout: '0 imported, 1100 skipped, 0 rejected\n', stderr: '' });
    expect(await importedLike('good-%')).toBe(1_100);
  });

  it('a file whose customer is there by now, sent again → what was rejected is imported', async () => {
    const late = { ...ADMIN, email: 'late@example.com' };
    const call = ['import', aFile('late.ndjson', [aRow('late-1', late.email)]), '--url', url, ...AS_ADMIN];
    const first = await cli(call, { variables: WITH_PASSWORD });
    expect([first.code, first.stdout]).toEqual([1, '0 imported, 0 skipped, 1 rejected\n']);
    await register(late);
    const again = await cli(call, { variables: WITH_PASSWORD });
    expect([again.code, again.stdout]).toEqual([0, '1 imported, 0 skipped, 0 rejected\n']);
  });

  it.each([
    ['the answer to the rows', /process/, 502],
    ['the events of the job', /events$/, 500],
    ['the events of the job', /events$/, 503],
  ])('a proxy that loses %s (%s, %d) → asked again, and imported once', async (_what, lost, status) => {
    const proxy = await aProxy({ lost, status });
    const file = aFile('proxied.ndjson', [aRow(`proxied-${lost.source}-${status}`, ADMIN.email)]);
    const ended = await cli(['import', file, '--url', proxy.url, ...AS_ADMIN], { variables: WITH_PASSWORD });
    expect(ended).toEqual({ code: 0, stdout: '1 imported, 0 skipped, 0 rejected\n', stderr: '' });
    expect(proxy.failures).toBe(1);
  });

  it('wrong rows among good ones → 1, and each wrong one on standard error', async () => {
    const file = aFile('mixed.ndjson', [aRow('mixed-1', ADMIN.email), '{', aRow('mixed-2', 'nobody@example.com')]);
    const ended = await cli(['import', file, '--url', url, ...AS_ADMIN], { variables: WITH_PASSWORD });
    expect([ended.code, ended.stdout]).toEqual([1, '1 imported, 0 skipped, 2 rejected\n']);
    expect(ended.stderr.split('\n')).toEqual([
      'line 2: request.malformed: The line is not valid JSON.',
      'line 3: /customerEmail import.unknown_customer: No active user has this email address.',
      '',
    ]);
  });

  it('the password on standard input, a path from where npm was called → as ever', async () => {
    aFile('here.ndjson', [aRow('here-1', ADMIN.email)]);
    const call = { input: `${ADMIN.password}\n`, variables: { INIT_CWD: directory } };
    const ended = await cli(['import', 'here.ndjson', '--url', url, ...AS_ADMIN], call);
    expect([ended.code, ended.stdout]).toEqual([0, '1 imported, 0 skipped, 0 rejected\n']);
  });

  it('rows on standard input → imported; the password has to come another way', async () => {
    const call = ['import', '-', '--url', url, ...AS_ADMIN];
    const input = ndjson([aRow('piped-1', ADMIN.email)]);
    const [without, ended] = [await cli(call, { input }), await cli(call, { input, variables: WITH_PASSWORD })];
    expect([without.code, ended.code, ended.stdout]).toEqual([2, 0, '1 imported, 0 skipped, 0 rejected\n']);
  });

  it.each([
    ['a wrong password', () => ({ PLINTH_PASSWORD: 'not the password' }), /answers 400: The credentials/],
    ['no server', () => ({ PLINTH_TOKEN: 'x' }), /does not answer/, 'http://127.0.0.1:1'],
    ['a token of nobody', () => ({ PLINTH_TOKEN: 'x' }), /answers 401/],
  ])('%s → 1, and the reason', async (_situation, variables, reason, at = url) => {
    const file = aFile('refused.ndjson', [aRow('refused-1', ADMIN.email)]);
    const ended = await cli(['import', file, '--url', at, ...AS_ADMIN], { variables: variables() });
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(reason);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it('no such file → 1, and the reason', async () => {
    const ended = await cli(['import', '/nowhere.ndjson', '--url', url, '--token', 'x']);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('/nowhere.ndjson')]);
  });

  it.each([
    ['nothing', []],
    ['an unknown command', ['sing']],
    ['nobody to sign in', ['import', 'x']],
  ])('%s → 2, and how it is used', async (_situation, args) => {
    const ended = await cli(args);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('Usage: npm run cli');
  });

  it('--help → 0, and how it is used', async () => {
    const ended = await cli(['--help']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toContain('Usage: npm run cli');
  });
});
