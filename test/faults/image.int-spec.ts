import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { KEYS, MAIN, MIGRATE, ServerProcess } from '../support/server-process.js';
import { createEmptyDatabase } from '../support/test-database.js';

const WORKER = 'dist/apps/api/src/worker.js';
const HEALTH_CHECK = 'dist/apps/api/src/health-check.js';
/** An account that owns nothing; where the tests are not root, they are run by one that has no more rights. */
const NOBODY = 65_534;

const forAll = Cleanups.afterAll();
let tree: string;
let variables: Readonly<Record<string, string>>;

/** Types, source maps and readmes, which the image goes without; packages within packages. */
const NOT_KEPT = /\.(?:d\.[mc]?ts|map|md)$|^node_modules\b/;

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/** What `npm ci --omit=dev --omit=optional` of the last stages leaves, by the lockfile, and what they copy. */
function assemble(directory: string): void {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  const wanted = Object.entries(packages).filter(
    ([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional,
  );
  for (const [name] of wanted.filter(([entry]) => entry !== '')) {
    const from = fs.realpathSync(name);
    fs.mkdirSync(path.dirname(`${directory}/${name}`), { recursive: true });
    fs.cpSync(from, `${directory}/${name}`, {
      recursive: true,
      filter: (file) => !NOT_KEPT.test(path.relative(from, file)), // nested ones are entries of their own
    });
  }
  fs.cpSync('dist', `${directory}/dist`, { recursive: true });
  fs.copyFileSync('package.json', `${directory}/package.json`);
  execFileSync('chmod', ['-R', 'a-w,a+rX', directory]);
}

describe('the tree of the image, read-only, as an account without rights', () => {
  beforeAll(async () => {
    tree = forAll.aDirectory();
    assemble(tree);
    forAll.add(() => execFileSync('chmod', ['-R', 'u+w', tree]));
    const database = await createEmptyDatabase();
    forAll.add(() => database.drop());
    variables = {
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      JWT_KEYS: KEYS,
      TRUSTED_HOSTS: '127.0.0.1',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      MIGRATE: 'off',
    };
  });

  function run(entry: string, more: Readonly<Record<string, string>> = {}): ServerProcess {
    const uid = process.getuid?.() === 0 ? { uid: NOBODY } : {};
    const server = ServerProcess.spawn({ variables: { ...variables, ...more }, entry, cwd: tree, ...uid });
    forAll.add(() => server.kill());
    return server;
  }

  it('migration, then server and worker → each does its part, the health check sees it, SIGTERM ends them with 0', async () => {
    const before = filesOf(tree);
    expect(await run(MIGRATE).ended()).toBe('code 0');
    const [server, worker] = [run(MAIN), run(WORKER)];
    const { port } = new URL(await server.listening());
    await worker.says('working');
    expect(await run(HEALTH_CHECK, { PORT: port }).ended()).toBe('code 0');
    for (const each of [server, worker]) each.signal('SIGTERM');
    expect([await server.ended(), await worker.ended()]).toEqual(['code 0', 'code 0']);
    expect(await run(HEALTH_CHECK, { PORT: port }).ended()).toBe('code 1');
    expect(filesOf(tree)).toEqual(before);
  });

  it('its size → not more than documented', () => {
    const bytes = filesOf(tree).reduce((sum, file) => sum + fs.statSync(`${tree}/${file}`).size, 0);
    expect(bytes).toBeGreaterThan(10e6);
    expect(bytes).toBeLessThan(75e6);
  });
});

function filesOf(directory: string): readonly string[] {
  const entries = fs.readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, `${entry.parentPath}/${entry.name}`));
}
