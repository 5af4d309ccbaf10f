import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { reachableDataDir, startEmbeddedPostgres } from '../../libs/database/src/embedded/embedded-postgres.js';
import { Cleanups } from '../support/cleanups.js';
import { anEmbeddedChild, aProject, PLATFORM_PACKAGE } from '../support/embedded-child.js';
import { anEmbeddedServer, DataDirectories, valuesOf } from '../support/embedded-server.js';
import { end } from '../support/processes.js';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
if (!isRoot) process.stderr.write('embedded-postgres: the tests of running as root are skipped, this is not root\n');
const itAsRoot = isRoot ? it : it.skip;
const directories = new DataDirectories(Cleanups.afterAll().aDirectory());
const cleanups = Cleanups.afterEach();

const libpq = process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5';

describe('embedded PostgreSQL, who runs it from where', () => {
  it('missing library links → recreated, and not taken for an error when they exist', async () => {
    const project = aProject(cleanups.aDirectory(), '15.18.0-links');
    const library = path.join(project, 'node_modules', PLATFORM_PACKAGE, 'native/lib', libpq);
    expect(fs.existsSync(library)).toBe(false);
    const dataDir = await directories.make(cleanups);
    const child = anEmbeddedChild(cleanups, dataDir, { project });
    const { url } = await child.said;
    expect(fs.lstatSync(library).isSymbolicLink()).toBe(true);
    expect(await valuesOf(url, 'SELECT 1')).toEqual([1]);
  });

  itAsRoot('an ordinary user, node_modules read-only and without links → runs as that user from a copy', async () => {
    const project = aProject(cleanups.aDirectory(), '15.18.0-readonly');
    const home = cleanups.aDirectory();
    fs.chownSync(home, NOBODY, NOBODY);
    fs.mkdirSync(path.join(home, '.cache'));
    fs.chownSync(path.join(home, '.cache'), NOBODY, NOBODY);
    const { pid } = await anEmbeddedChild(cleanups, path.join(home, 'data'), { project, uid: NOBODY }).said;
    expect(fs.statSync(path.join(home, 'data/pgdata')).uid).toBe(NOBODY);
    const copy = path.join(home, `.cache/plinth/postgres-15.18.0-readonly-${process.platform}-${process.arch}`);
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })).toContain(copy);
  });

  itAsRoot(
    'root, the project under a 0700 home → binaries are copied once, complete, for the account alone to run',
    async () => {
      const version = `15.18.0-test${process.pid}`;
      const copy = `/var/lib/plinth/postgres-${version}-${process.platform}-${process.arch}`;
      cleanups.add(() => fs.rmSync(copy, { recursive: true, force: true }));
      const project = aProject(cleanups.aDirectory(0o700), version);
      const dataDir = await directories.make(cleanups);
      const first = anEmbeddedChild(cleanups, dataDir, { project });
      expect(await valuesOf((await first.said).url, 'SELECT 1')).toEqual([1]);
      await end(first.process, 'SIGTERM');
      const { ctimeMs } = fs.statSync(path.join(copy, 'native/bin/postgres'));
      expect(fs.statSync(copy)).toMatchObject({ uid: 0 });
      await anEmbeddedChild(cleanups, dataDir, { project }).said;
      expect(fs.statSync(path.join(copy, 'native/bin/postgres')).ctimeMs).toBe(ctimeMs);
      expect(fs.readdirSync('/var/lib/plinth').filter((name) => name.includes(`${version}-`))).toHaveLength(1);
    },
  );

  itAsRoot(
    'root, the data under a 0700 home → clear error; reachableDataDir gives a stable place outside',
    async () => {
      const preferred = path.join(cleanups.aDirectory(0o700), 'project/data');
      await expect(startEmbeddedPostgres({ dataDir: preferred })).rejects.toThrow(/cannot get to .* is closed to/);
      expect(fs.existsSync(preferred)).toBe(false);
      const dataDir = reachableDataDir(preferred);
      cleanups.add(() => fs.rmSync(dataDir, { recursive: true, force: true }));
      expect(dataDir).toMatch(/^\/var\/lib\/plinth\/data\/[0-9a-f]{16}$/);
      const first = await anEmbeddedServer(cleanups, { dataDir });
      await valuesOf(first.url, 'CREATE TABLE kept AS SELECT 9 AS id');
      await first.stop();
      expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700);
      const second = await anEmbeddedServer(cleanups, { dataDir: reachableDataDir(preferred) });
      expect(await valuesOf(second.url, 'SELECT id FROM kept')).toEqual([9]);
      fs.chmodSync(path.dirname(path.dirname(preferred)), 0o755);
      expect(reachableDataDir(preferred)).toBe(preferred);
    },
  );

  itAsRoot('root, the place outside is a link that someone planted → refused', () => {
    const preferred = path.join(cleanups.aDirectory(0o700), 'data');
    const dataDir = reachableDataDir(preferred);
    cleanups.add(() => fs.rmSync(dataDir, { recursive: true, force: true }));
    fs.rmdirSync(dataDir);
    fs.symlinkSync(cleanups.aDirectory(), dataDir);
    expect(() => reachableDataDir(preferred)).toThrow('is not a directory of');
  });

  itAsRoot('root, a directory with the files of others → not taken over', async () => {
    const dataDir = cleanups.aDirectory();
    fs.writeFileSync(path.join(dataDir, 'thesis.txt'), 'precious');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('is not empty (thesis.txt)');
    expect(fs.statSync(dataDir).uid).toBe(0);
  });

  itAsRoot('root, data made by an ordinary user → served as that user', async () => {
    const home = cleanups.aDirectory();
    fs.chownSync(home, NOBODY, NOBODY);
    const child = anEmbeddedChild(cleanups, path.join(home, 'data'), { uid: NOBODY });
    await child.said;
    await end(child.process, 'SIGTERM');
    await (await anEmbeddedServer(cleanups, { dataDir: path.join(home, 'data') })).stop();
    expect(fs.statSync(path.join(home, 'data/pgdata')).uid).toBe(NOBODY);
    const again = anEmbeddedChild(cleanups, path.join(home, 'data'), { uid: NOBODY });
    expect((await again.said).pid).toBeGreaterThan(0);
  });
});
