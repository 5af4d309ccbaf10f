import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  reachableDataDir,
  startEmbeddedPostgres,
} from '../../libs/database/src/embedded/embedded-postgres.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const hook = path.join(root, 'test/support/typescript-hook.mjs');
const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
const isRoot = process.geteuid?.() === 0;
const NOBODY = 65_534;
if (!isRoot) process.stderr.write('embedded-postgres: the tests of running as root are skipped, this is not root\n');
const itAsRoot = isRoot ? it : it.skip;

const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A directory that every account may enter, unlike what mkdtemp makes. */
function aDirectory(mode = 0o755): string {
  const directory = fs.mkdtempSync('/tmp/plinth-test-');
  fs.chmodSync(directory, mode);
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true, maxRetries: 20 }));
  return directory;
}

async function aServer(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options);
  cleanups.push(() => server.stop());
  return server;
}

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

interface Announcement {
  readonly pid: number;
  readonly url: string;
}

interface Child {
  readonly process: ChildProcess;
  readonly said: Promise<Announcement>;
}

/** A Node process of its own that starts a server, tells about it and then stays, or fails with its error text. */
function aChild(dataDir: string, { project = root, uid }: { project?: string; uid?: number } = {}): Child {
  const launcher = pathToFileURL(path.join(project, 'libs/database/src/embedded/embedded-postgres.ts'));
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(launcher)});
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    process.once('SIGTERM', async () => { await server.stop(); process.exit(0); });
    setInterval(() => {}, 1e6);
    console.log(JSON.stringify(server));`;
  const child = spawn(process.execPath, ['--import', hook, '--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], HOME: path.dirname(dataDir) },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const said = announcement(child);
  said.catch(() => undefined); // not every test listens
  cleanups.push(() => end(child, 'SIGKILL'));
  // A server that escaped from a failing test.
  cleanups.push(() => said.then(({ pid }) => isAlive(pid) && process.kill(pid, 'SIGQUIT')).catch(() => undefined));
  return { process: child, said };
}

async function announcement(child: ChildProcess): Promise<Announcement> {
  let [out, error] = ['', ''];
  child.stderr?.on('data', (chunk) => (error += chunk));
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk);
    if (out.endsWith('\n')) return JSON.parse(out);
  }
  throw new Error(error);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function isAlive(pid: number): boolean {
  try {
    return (
      process.kill(pid, 0) &&
      !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
    );
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`not so within ${limitMs} ms: ${String(isSo)}`);
    await delay(10);
  }
}

function guardsOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.endsWith(`plinth-guard ${pid}`)).map((line) => Number.parseInt(line, 10));
}

/** A checkout with its own platform package, as npm leaves it when install scripts are blocked: without links. */
function aProject(parent: string, version: string): string {
  const from = path.join(root, 'node_modules', platformPackage);
  const to = path.join(parent, 'node_modules', platformPackage);
  fs.cpSync(path.join(root, 'libs/database/src/embedded'), path.join(parent, 'libs/database/src/embedded'), {
    recursive: true,
  });
  fs.cpSync(from, to, { recursive: true, filter: (file) => !fs.lstatSync(file).isSymbolicLink() });
  const manifest = fs.readFileSync(path.join(from, 'package.json'), 'utf8');
  fs.writeFileSync(path.join(to, 'package.json'), manifest.replace(/"version": ".*?"/, `"version": "${version}"`));
  fs.writeFileSync(path.join(parent, 'package.json'), '{ "type": "module" }');
  return parent;
}

const libpq = process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5';

describe('embedded PostgreSQL', () => {
  it('stopped and started again → keeps its rows, its secret private, its port local', async () => {
    const dataDir = path.join(aDirectory(), 'new/data');
    const first = await aServer({ dataDir });
    await query(first.url, 'CREATE TABLE kept (id int)');
    await query(first.url, 'INSERT INTO kept VALUES (1), (2)');
    expect(fs.statSync(path.join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    expect(await query(first.url, "SELECT current_setting('listen_addresses')")).toEqual(['127.0.0.1']);
    expect(await query(first.url, "SELECT current_setting('unix_socket_directories')")).toEqual(['']);
    await Promise.all([first.stop(), first.stop()]);
    expect(isAlive(first.pid)).toBe(false);
    expect(fs.readdirSync(dataDir).sort()).toEqual(['password', 'pgdata']);
    const second = await aServer({ dataDir });
    expect(await query(second.url, 'SELECT id FROM kept ORDER BY id')).toEqual([1, 2]);
  });

  it('kill -9 of Node → the server ends, the next start finds every acknowledged row', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const child = aChild(dataDir);
    const { pid, url } = await child.said;
    await query(url, 'CREATE TABLE kept (id int)');
    await query(url, 'INSERT INTO kept SELECT generate_series(1, 500)');
    await end(child.process, 'SIGKILL');
    await until(() => !isAlive(pid));
    expect(guardsOf(pid)).toEqual([]);
    const next = await aServer({ dataDir });
    expect(await query(next.url, 'SELECT count(*)::int FROM kept')).toEqual([500]);
  });

  it('kill -9 of Node and of the guard → the next start stops the orphan', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const child = aChild(dataDir);
    const { pid, url } = await child.said;
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS id');
    const guards = guardsOf(pid);
    expect(guards).toHaveLength(1);
    for (const guard of guards) process.kill(guard, 'SIGKILL');
    await until(() => guardsOf(pid).length === 0);
    await end(child.process, 'SIGKILL');
    expect(isAlive(pid)).toBe(true);
    const log: string[] = [];
    const next = await aServer({ dataDir, onLog: (line) => log.push(line) });
    expect(isAlive(pid)).toBe(false);
    expect(log[0]).toContain(`(pid ${pid}) that a killed process left behind`);
    expect(await query(next.url, 'SELECT id FROM kept')).toEqual([7]);
  });

  it('a directory that a living process uses → refused by name, and its server untouched', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const child = aChild(dataDir);
    const { pid, url } = await child.said;
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `another running Plinth (pid ${child.process.pid}) uses ${fs.realpathSync(dataDir)}`,
    );
    expect(isAlive(pid)).toBe(true);
    expect(await query(url, 'SELECT 1')).toEqual([1]);
    await end(child.process, 'SIGTERM');
    const next = await aServer({ dataDir });
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('this process');
    expect(await query(next.url, 'SELECT 1')).toEqual([1]);
  });

  it('five processes at once on a directory with the claim of a dead one → one gets it', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    await (await aServer({ dataDir })).stop();
    fs.writeFileSync(path.join(dataDir, 'owner.json'), '{"pid":99999999,"birth":"long ago","nonce":"x"}');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => aChild(dataDir).said));
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(refusals).toHaveLength(4);
    // By the claim: that PostgreSQL refuses a second server is too late, its orphan hunt would have stopped the first.
    for (const refusal of refusals) expect(refusal).toMatch(/another running Plinth|several processes/);
  });

  it('a claim whose pid has gone to another process → taken over', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    await (await aServer({ dataDir })).stop();
    fs.writeFileSync(path.join(dataDir, 'owner.json'), `{"pid":${process.ppid},"birth":"before boot","nonce":"x"}`);
    expect((await aServer({ dataDir })).pid).toBeGreaterThan(0);
  });

  it('a stale postmaster.pid whose pid has gone to another process of the account → starts, leaves that alone', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const first = await aServer({ dataDir });
    const pidFile = path.join(dataDir, 'pgdata/postmaster.pid');
    const text = fs.readFileSync(pidFile, 'utf8');
    const { uid, gid } = fs.statSync(pidFile);
    await first.stop();
    const bystander = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
    cleanups.push(() => end(bystander, 'SIGKILL'));
    fs.writeFileSync(pidFile, text.replace(/^\d+/, String(bystander.pid)), { mode: 0o600 });
    fs.chownSync(pidFile, uid, gid);
    const next = await aServer({ dataDir });
    expect(await query(next.url, 'SELECT 1')).toEqual([1]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });

  it('killed in the middle of initdb → the next start makes a whole cluster', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const child = aChild(dataDir);
    const initdb = (): string | undefined => fs.readdirSync(dataDir).find((name) => name.startsWith('initdb-'));
    await until(() => fs.existsSync(dataDir) && fs.existsSync(path.join(dataDir, initdb() ?? '', 'pgdata/PG_VERSION')));
    await end(child.process, 'SIGKILL');
    expect(fs.existsSync(path.join(dataDir, 'pgdata'))).toBe(false);
    const next = await aServer({ dataDir });
    expect(await query(next.url, 'SELECT 1')).toEqual([1]);
    expect(initdb()).toBeUndefined();
  });

  it('the server dies while we run → said once, and stop() still works', async () => {
    const log: string[] = [];
    const server = await aServer({ dataDir: path.join(aDirectory(), 'data'), onLog: (line) => log.push(line) });
    const said = (): number => log.filter((line) => line.includes('ended unexpectedly (SIGKILL)')).length;
    process.kill(server.pid, 'SIGKILL');
    await until(() => said() > 0);
    await server.stop();
    expect(said()).toBe(1);
    expect(guardsOf(server.pid)).toEqual([]);
  });

  it('the port is taken in between → tries again', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    cleanups.push(() => taken.close());
    await once(taken, 'listening');
    const port = String(Object(taken.address()).port);
    let failures = 0;
    const onLog = (line: string): void => {
      if (line.includes('trying again') && ++failures === 2) taken.close();
    };
    await aServer({ dataDir: path.join(aDirectory(), 'data'), flags: ['-p', port], onLog });
    expect(failures).toBeGreaterThanOrEqual(2);
  });

  it('the server refuses its settings → fails at once with its words, and gives the directory free', async () => {
    const dataDir = path.join(aDirectory(), 'data');
    const flags = ['-c', 'shared_buffers=nonsense'];
    await expect(startEmbeddedPostgres({ dataDir, flags })).rejects.toThrow(/code 1\n.*shared_buffers/s);
    expect((await aServer({ dataDir })).dataDir).toBe(fs.realpathSync(dataDir));
  });

  it('missing library links → recreated, and not taken for an error when they exist', async () => {
    const project = aProject(aDirectory(), '15.18.0-links');
    const library = path.join(project, 'node_modules', platformPackage, 'native/lib', libpq);
    expect(fs.existsSync(library)).toBe(false);
    const dataDir = path.join(aDirectory(), 'data');
    const child = aChild(dataDir, { project });
    const { url } = await child.said;
    expect(fs.lstatSync(library).isSymbolicLink()).toBe(true);
    expect(await query(url, 'SELECT 1')).toEqual([1]);
  });

  itAsRoot('an ordinary user, node_modules read-only and without links → runs as that user from a copy', async () => {
    const project = aProject(aDirectory(), '15.18.0-readonly');
    const home = aDirectory();
    fs.chownSync(home, NOBODY, NOBODY);
    fs.mkdirSync(path.join(home, '.cache'));
    fs.chownSync(path.join(home, '.cache'), NOBODY, NOBODY);
    const { pid } = await aChild(path.join(home, 'data'), { project, uid: NOBODY }).said;
    expect(fs.statSync(path.join(home, 'data/pgdata')).uid).toBe(NOBODY);
    const copy = path.join(home, `.cache/plinth/postgres-15.18.0-readonly-${process.platform}-${process.arch}`);
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })).toContain(copy);
  });

  itAsRoot(
    'root, the project under a 0700 home → binaries are copied once, complete, for the account alone to run',
    async () => {
      const version = `15.18.0-test${process.pid}`;
      const copy = `/var/lib/plinth/postgres-${version}-${process.platform}-${process.arch}`;
      cleanups.push(() => fs.rmSync(copy, { recursive: true, force: true }));
      const project = aProject(aDirectory(0o700), version);
      const dataDir = path.join(aDirectory(), 'data');
      const first = aChild(dataDir, { project });
      expect(await query((await first.said).url, 'SELECT 1')).toEqual([1]);
      await end(first.process, 'SIGTERM');
      const { ctimeMs } = fs.statSync(path.join(copy, 'native/bin/postgres'));
      expect(fs.statSync(copy)).toMatchObject({ uid: 0 });
      await aChild(dataDir, { project }).said;
      expect(fs.statSync(path.join(copy, 'native/bin/postgres')).ctimeMs).toBe(ctimeMs);
      expect(fs.readdirSync('/var/lib/plinth').filter((name) => name.includes(`${version}-`))).toHaveLength(1);
    },
  );

  itAsRoot(
    'root, the data under a 0700 home → clear error; reachableDataDir gives a stable place outside',
    async () => {
      const preferred = path.join(aDirectory(0o700), 'project/data');
      await expect(startEmbeddedPostgres({ dataDir: preferred })).rejects.toThrow(/cannot get to .* is closed to/);
      expect(fs.existsSync(preferred)).toBe(false);
      const dataDir = reachableDataDir(preferred);
      cleanups.push(() => fs.rmSync(dataDir, { recursive: true, force: true }));
      expect(dataDir).toMatch(/^\/var\/lib\/plinth\/data\/[0-9a-f]{16}$/);
      const first = await aServer({ dataDir });
      await query(first.url, 'CREATE TABLE kept AS SELECT 9 AS id');
      await first.stop();
      expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700);
      const second = await aServer({ dataDir: reachableDataDir(preferred) });
      expect(await query(second.url, 'SELECT id FROM kept')).toEqual([9]);
      fs.chmodSync(path.dirname(path.dirname(preferred)), 0o755);
      expect(reachableDataDir(preferred)).toBe(preferred);
    },
  );

  itAsRoot('root, the place outside is a link that someone planted → refused', () => {
    const preferred = path.join(aDirectory(0o700), 'data');
    const dataDir = reachableDataDir(preferred);
    cleanups.push(() => fs.rmSync(dataDir, { recursive: true, force: true }));
    fs.rmdirSync(dataDir);
    fs.symlinkSync(aDirectory(), dataDir);
    expect(() => reachableDataDir(preferred)).toThrow('is not a directory of');
  });

  itAsRoot('root, a directory with the files of others → not taken over', async () => {
    const dataDir = aDirectory();
    fs.writeFileSync(path.join(dataDir, 'thesis.txt'), 'precious');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('is not empty (thesis.txt)');
    expect(fs.statSync(dataDir).uid).toBe(0);
  });

  itAsRoot('root, data made by an ordinary user → served as that user', async () => {
    const home = aDirectory();
    fs.chownSync(home, NOBODY, NOBODY);
    const child = aChild(path.join(home, 'data'), { uid: NOBODY });
    await child.said;
    await end(child.process, 'SIGTERM');
    await (await aServer({ dataDir: path.join(home, 'data') })).stop();
    expect(fs.statSync(path.join(home, 'data/pgdata')).uid).toBe(NOBODY);
    const again = aChild(path.join(home, 'data'), { uid: NOBODY });
    expect((await again.said).pid).toBeGreaterThan(0);
  });
});
