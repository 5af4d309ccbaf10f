// Keeps `npm start` and `npm test` on the source as it is: builds when a file is newer than the last build.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const OUTPUT = 'dist/apps/api/src/main.js';
const SOURCES = ['apps/**/*.ts', 'libs/**/*.ts', 'tsconfig.json', 'apps/api/tsconfig.app.json', 'nest-cli.json', 'package-lock.json'];

const builtAt = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const isStale = globSync(SOURCES).some((file) => statSync(file).mtimeMs > builtAt);
if (isStale) {
  const { status } = spawnSync('nest', ['build', 'api'], { stdio: 'inherit', shell: process.platform === 'win32' });
  process.exitCode = status ?? 1;
}
