import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '../../libs/database/src/embedded/embedded-postgres.js';
import { Cleanups } from '../support/cleanups.js';
import { anEmbeddedChild } from '../support/embedded-child.js';
import { anEmbeddedServer, DataDirectories, valuesOf } from '../support/embedded-server.js';
import { end, guardsOf, isAlive, serversOn } from '../support/processes.js';
import { until } from '../support/waiting.js';

const isRoot = process.geteuid?.() === 0;
const directories = new DataDirectories(Cleanups.afterAll().aDirectory());
const cleanups = Cleanups.afterEach();

describe('embedded PostgreSQL', () => {
  it('stopped and started again → keeps its rows, its secret private, its port local', async () => {
    const dataDir = path.join(cleanups.aDirectory(), 'new/data');
    const first = await anEmbeddedServer(cleanups, { dataDir });
    await valuesOf(first.url, 'CREATE TABLE kept (id int)');
    await valuesOf(first.url, 'INSERT INTO kept VALUES (1), (2)');
    expect(fs.statSync(path.join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    expect(await valuesOf(first.url, "SELECT current_setting('listen_addresses')")).toEqual(['127.0.0.1']);
    expect(await valuesOf(first.url, "SELECT current_setting('unix_socket_directories')")).toEqual(['']);
    await Promise.all([first.stop(), first.stop()]);
    expect(isAlive(first.pid)).toBe(false);
    expect(fs.readdirSync(dataDir).toSorted()).toEqual(['password', 'pgdata']);
    const second = await anEmbeddedServer(cleanups, { dataDir });
    expect(await valuesOf(second.url, 'SELECT id FROM kept ORDER BY id')).toEqual([1, 2]);
  });

  it('kill -9 of Node → the server ends, the next start finds every acknowledged row', async () => {
    const dataDir = await directories.make(cleanups);
    const child = anEmbeddedChild(cleanups, dataDir);
    const { pid, url } = await child.said;
    await valuesOf(url, 'CREATE TABLE kept (id int)');
    await valuesOf(url, 'INSERT INTO kept SELECT generate_series(1, 500)');
    await end(child.process, 'SIGKILL');
    await until(() => !isAlive(pid));
    expect(guardsOf(pid)).toEqual([]);
    const next = await anEmbeddedServer(cleanups, { dataDir });
    expect(await valuesOf(next.url, 'SELECT count(*)::int FROM kept')).toEqual([500]);
  });

  it('kill -9 of Node and of the guard → the next start stops the orphan', async () => {
    const dataDir = await directories.make(cleanups);
    const child = anEmbeddedChild(cleanups, dataDir);
    const { pid, url } = await child.said;
    await valuesOf(url, 'CREATE TABLE kept AS SELECT 7 AS id');
    const guards = guardsOf(pid);
    expect(guards).toHaveLength(1);
    for (const guard of guards) process.kill(guard, 'SIGKILL');
    await until(() => guardsOf(pid).length === 0);
    await end(child.process, 'SIGKILL');
    expect(isAlive(pid)).toBe(true);
    const log: string[] = [];
    const next = await anEmbeddedServer(cleanups, { dataDir, onLog: (line) => log.push(line) });
    expect(isAlive(pid)).toBe(false);
    expect(log[0]).toContain(`(pid ${pid}) that a killed process left behind`);
    expect(await valuesOf(next.url, 'SELECT id FROM kept')).toEqual([7]);
  });

  it('a directory that a living process uses → refused by name, and its server untouched', async () => {
    const dataDir = await directories.make(cleanups);
    const child = anEmbeddedChild(cleanups, dataDir);
    const { pid, url } = await child.said;
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `another running Plinth (pid ${child.process.pid}) uses ${dataDir}`,
    );
    expect(isAlive(pid)).toBe(true);
    expect(await valuesOf(url, 'SELECT 1')).toEqual([1]);
    await end(child.process, 'SIGTERM');
    const next = await anEmbeddedServer(cleanups, { dataDir });
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('this process');
    expect(await valuesOf(next.url, 'SELECT 1')).toEqual([1]);
  });

  it('five processes at once on a directory with the claim of a dead one → one gets it', async () => {
    const dataDir = await directories.make(cleanups);
    fs.writeFileSync(path.join(dataDir, 'owner.json'), '{"pid":99999999,"birth":"long ago","nonce":"x"}');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => anEmbeddedChild(cleanups, dataDir).said));
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(refusals).toHaveLength(4);
    // By the claim: that PostgreSQL refuses a second server is too late, its orphan hunt would have stopped the first.
    for (const refusal of refusals) expect(refusal).toMatch(/another running Plinth|several processes/);
  });

  it('a claim whose pid has gone to another process → taken over', async () => {
    const dataDir = await directories.make(cleanups);
    fs.writeFileSync(path.join(dataDir, 'owner.json'), `{"pid":${process.ppid},"birth":"before boot","nonce":"x"}`);
    expect((await anEmbeddedServer(cleanups, { dataDir })).pid).toBeGreaterThan(0);
  });

  it('a stale postmaster.pid whose pid has gone to another process of the account → starts, leaves that alone', async () => {
    const dataDir = await directories.make(cleanups);
    const first = await anEmbeddedServer(cleanups, { dataDir });
    const pidFile = path.join(dataDir, 'pgdata/postmaster.pid');
    const text = fs.readFileSync(pidFile, 'utf8');
    const { uid, gid } = fs.statSync(pidFile);
    await first.stop();
    const bystander = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
    cleanups.add(() => end(bystander, 'SIGKILL'));
    fs.writeFileSync(pidFile, text.replace(/^\d+/, String(bystander.pid)), { mode: 0o600 });
    fs.chownSync(pidFile, uid, gid);
    const next = await anEmbeddedServer(cleanups, { dataDir });
    expect(await valuesOf(next.url, 'SELECT 1')).toEqual([1]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });

  it('killed in the middle of initdb → the next start makes a whole cluster', async () => {
    const dataDir = path.join(cleanups.aDirectory(), 'data');
    const child = anEmbeddedChild(cleanups, dataDir);
    const initdb = (): string | undefined => fs.readdirSync(dataDir).find((name) => name.startsWith('initdb-'));
    await until(() => fs.existsSync(dataDir) && fs.existsSync(path.join(dataDir, initdb() ?? '', 'pgdata/PG_VERSION')));
    await end(child.process, 'SIGKILL');
    expect(fs.existsSync(path.join(dataDir, 'pgdata'))).toBe(false);
    const next = await anEmbeddedServer(cleanups, { dataDir });
    expect(await valuesOf(next.url, 'SELECT 1')).toEqual([1]);
    expect(initdb()).toBeUndefined();
  });

  it('the server dies while we run → started again on its port with its rows; stop() ends it for good', async () => {
    const log: string[] = [];
    const dataDir = await directories.make(cleanups);
    const server = await anEmbeddedServer(cleanups, { dataDir, onLog: (line) => log.push(line) });
    const { pid } = server;
    await valuesOf(server.url, 'CREATE TABLE kept AS SELECT 3 AS id');
    process.kill(pid, 'SIGKILL');
    await until(() => server.pid !== pid);
    expect(await valuesOf(server.url, 'SELECT id FROM kept')).toEqual([3]);
    expect(log.filter((line) => line.includes('ended unexpectedly (SIGKILL)'))).toHaveLength(1);
    expect(guardsOf(pid)).toEqual([]);
    await server.stop();
    expect(serversOn(dataDir)).toEqual([]);
  });

  it('stop() when the server has just died → not started again', async () => {
    const log: string[] = [];
    const dataDir = await directories.make(cleanups);
    const server = await anEmbeddedServer(cleanups, { dataDir, onLog: (line) => log.push(line) });
    process.kill(server.pid, 'SIGKILL');
    await until(() => log.some((line) => line.includes('ended unexpectedly')));
    await server.stop();
    expect(log.filter((line) => line.includes('was started again'))).toEqual([]);
    expect(fs.existsSync(path.join(dataDir, 'owner.json'))).toBe(false);
    await until(() => !serversOn(dataDir).some(isAlive)); // its helpers notice its death by themselves
  });

  it('the port is taken in between → tries again', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    cleanups.add(() => taken.close());
    await once(taken, 'listening');
    const port = String(Object(taken.address()).port);
    let failures = 0;
    const onLog = (line: string): void => {
      if (line.includes('trying again') && ++failures === 2) taken.close();
    };
    await anEmbeddedServer(cleanups, { dataDir: await directories.make(cleanups), flags: ['-p', port], onLog });
    expect(failures).toBeGreaterThanOrEqual(2);
  });

  it('the server refuses its settings → fails at once with its words, and gives the directory free', async () => {
    const dataDir = await directories.make(cleanups);
    const flags = ['-c', 'shared_buffers=nonsense'];
    await expect(startEmbeddedPostgres({ dataDir, flags })).rejects.toThrow(/code 1\n.*shared_buffers/s);
    expect((await anEmbeddedServer(cleanups, { dataDir })).dataDir).toBe(dataDir);
  });
});
