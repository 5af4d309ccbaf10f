import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** A house of doors only, in which nothing is wrong. */
const DOORS = [
  ...[
    'auth',
    'cache',
    'database',
    'edge',
    'jobs',
    'logging',
    'problem',
    'redis',
    'rest',
    'telemetry',
    'throttling',
  ].map((lib) => `libs/${lib}/src/index.ts`),
  ...['analytics', 'audit', 'auth', 'demo', 'operations', 'orders', 'processing', 'users'].map(
    (feature) => `apps/api/src/${feature}/index.ts`,
  ),
  'libs/problem/src/inner.ts',
  'libs/rest/src/inner.ts',
  'apps/api/src/app.config.ts',
  'apps/api/src/orders/inner.ts',
  'apps/api/src/orders/orders.controller.ts',
];

/** One import each that must not be: the rule that sees it, the file that it stands in, the import. */
const PLANTED = [
  ['arrow-1-libs-know-no-app', 'libs/rest/src/planted.ts', "import '../../../apps/api/src/users/index.js'"],
  ['arrow-2-ground-floor', 'libs/problem/src/planted.ts', "import '@app/rest'"],
  ['arrow-2-first-floor', 'libs/auth/src/planted.ts', "import '@app/rest'"],
  ['arrow-3-audit', 'apps/api/src/audit/planted.ts', "import '../users/index.js'"],
  ['arrow-3-users', 'apps/api/src/users/planted.ts', "import '../orders/index.js'"],
  ['arrow-3-auth', 'apps/api/src/auth/planted.ts', "import '../orders/index.js'"],
  ['arrow-3-orders', 'apps/api/src/orders/planted.ts', "import '../auth/index.js'"],
  ['arrow-3-analytics', 'apps/api/src/analytics/planted.ts', "import '../auth/index.js'"],
  ['arrow-3-processing', 'apps/api/src/processing/planted.ts', "import '../users/index.js'"],
  ['arrow-3-operations', 'apps/api/src/operations/planted.ts', "import '../users/index.js'"],
  ['arrow-3-demo', 'apps/api/src/demo/planted.ts', "import '../auth/index.js'"],
  ['arrow-3-features-know-no-root', 'apps/api/src/users/planted-root.ts', "import '../app.config.js'"],
  ['arrow-3-no-circle', 'apps/api/src/users/planted-circle-back.ts', "import './planted-circle.js'"],
  ['arrow-4-door-of-a-feature', 'apps/api/src/app.planted.ts', "import './orders/inner.js'"],
  ['arrow-4-door-between-features', 'apps/api/src/analytics/planted-door.ts', "import '../orders/inner.js'"],
  ['arrow-4-door-of-a-lib', 'apps/api/src/users/planted-lib.ts', "import '../../../../libs/rest/src/inner.js'"],
  ['arrow-4-door-of-a-lib-for-tests', 'test/planted.ts', "import '../libs/rest/src/inner.js'"],
  ['arrow-4-door-between-libs', 'libs/auth/src/planted-door.ts', "import '../../problem/src/inner.js'"],
  ['arrow-5-services-know-no-http', 'apps/api/src/orders/planted.service.ts', "import type { Request } from 'express'"],
  [
    'arrow-5-services-know-no-controller',
    'apps/api/src/orders/planted-back.service.ts',
    "import './orders.controller.js'",
  ],
  ['arrow-5-controllers-know-no-database', 'apps/api/src/orders/planted.controller.ts', "import 'typeorm'"],
  ['arrow-5-pure-files', 'apps/api/src/orders/order.ts', "import 'typeorm'"],
  ['resolvable', 'apps/api/src/users/planted-nowhere.ts', "import './nowhere.js'"],
  ['no-dev-dependency-in-production', 'apps/api/src/users/planted-dev.ts', "import 'jest'"],
] as const;

let clean: string;
let crooked: string;

beforeAll(() => {
  clean = house();
  crooked = house();
  for (const [, file, statement] of PLANTED) write(crooked, file, statement);
  write(crooked, 'apps/api/src/users/planted-circle.ts', "import './planted-circle-back.js'");
});

afterAll(() => {
  for (const directory of [clean, crooked]) rmSync(directory, { recursive: true });
});

describe('the check of the arrows', () => {
  it('every rule → has an import that is planted against it', async () => {
    const { default: configuration } = await import(path.resolve('.dependency-cruiser.mjs'));
    const rules: readonly { readonly name: string }[] = configuration.forbidden;
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it('nothing wrong → passes', () => {
    expect(cruise(clean)).toEqual({ status: 0, found: [] });
  });

  it('an import against each rule → fails and names the rule and the file', () => {
    expect(cruise(crooked)).toEqual({
      status: PLANTED.length,
      found: PLANTED.map(([rule, file]) => `${rule}: ${file}`).toSorted(),
    });
  });
});

/** A directory with the configuration of this project and a file behind each door. */
function house(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'plinth-arrows-'));
  for (const file of ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json'])
    cpSync(file, path.join(directory, file));
  symlinkSync(path.resolve('node_modules'), path.join(directory, 'node_modules'), 'junction');
  mkdirSync(path.join(directory, 'test'));
  for (const file of DOORS) write(directory, file);
  return directory;
}

function write(directory: string, file: string, statement = 'export const door = 1'): void {
  const target = path.join(directory, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${statement};\n`);
}

/** Runs what `npm run check:arrows` runs. @returns each violation as `rule: file`, ordered. */
function cruise(directory: string): { status: number | null; found: string[] } {
  const program = path.resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { status, stdout } = spawnSync(process.execPath, [program, 'apps', 'libs', 'test'], {
    cwd: directory,
    encoding: 'utf8',
  });
  const found = [...stdout.matchAll(/^ {2}error (\S+): (\S+) →/gm)].map(([, rule, file]) => `${rule}: ${file}`);
  return { status, found: found.toSorted() };
}
