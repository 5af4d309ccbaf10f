// Compiles the application to dist. With --if-stale only when a source is newer than the last whole build, so that
// `npm start` and `npm test` run what the source says, and start at once when it has not changed.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync, utimesSync, writeFileSync } from 'node:fs';

/** Written after a build that succeeded, with the time at which it began: a file saved meanwhile is newer. */
const STAMP = 'dist/built';
const COMPILER = 'node_modules/@nestjs/cli/bin/nest.js';
const SOURCES = [
  'apps/**/*.ts',
  'libs/**/*.ts',
  'apps/api/src/operations/pages/files/*',
  'tsconfig.json',
  'apps/api/tsconfig.app.json',
  'nest-cli.json',
  'package-lock.json',
];

if (process.argv.includes('--if-stale') && !isStale()) process.exit();
if (process.argv.includes('--if-possible') && !existsSync(COMPILER)) process.exit(); // npm ci --omit=dev
build();

function isStale() {
  const builtAt = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return globSync(SOURCES).some((file) => !file.endsWith('.spec.ts') && statSync(file).mtimeMs > builtAt);
}

function build() {
  const startedAt = new Date();
  const { status } = spawnSync(process.execPath, [COMPILER, 'build', 'api'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status !== 0) return;
  writeFileSync(STAMP, '');
  utimesSync(STAMP, startedAt, startedAt);
}
