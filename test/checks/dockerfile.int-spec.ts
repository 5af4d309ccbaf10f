import fs from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** One entry an instruction, continued lines joined, comments left out. */
const INSTRUCTIONS: readonly Instruction[] = fs
  .readFileSync('Dockerfile', 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ name: line.slice(0, line.indexOf(' ')), value: line.slice(line.indexOf(' ') + 1).trim() }));

const last = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ name }) => name === 'FROM'));
const valuesOf = (wanted: string, of = INSTRUCTIONS): readonly string[] =>
  of.filter(({ name }) => name === wanted).map(({ value }) => value);

describe('Dockerfile', () => {
  it('its stages → named, and all from one pinned image of the Node that the tests run on', () => {
    expect(valuesOf('FROM')).toEqual(
      ['build', 'dependencies', 'production'].map((stage) => `\${NODE_IMAGE} AS ${stage}`),
    );
    expect(valuesOf('ARG')).toEqual([`NODE_IMAGE=node:${process.versions.node}-slim`]);
  });

  it('what it copies → is there, and gets past .dockerignore', () => {
    const allowed = fs.readFileSync('.dockerignore', 'utf8').split('\n');
    for (const value of valuesOf('COPY').filter((each) => !each.startsWith('--from'))) {
      for (const source of value.split(/\s+/).slice(0, -1)) {
        expect([source, fs.existsSync(source), allowed.includes(`!${source}`)]).toEqual([source, true, true]);
      }
    }
  });

  it('what it copies from other stages → named stages, and what they make', () => {
    const copied = valuesOf('COPY', last).filter((value) => value.startsWith('--from'));
    expect(copied).toEqual(['--from=dependencies /app/node_modules node_modules', '--from=build /app/dist dist']);
  });

  it('npm → installs by the lockfile, runs no script of a package, and leaves development out of the image', () => {
    const installs = valuesOf('RUN').filter((value) => value.includes('npm '));
    expect(installs).toHaveLength(2);
    for (const install of installs) expect(install).toMatch(/^npm ci (?=.*--ignore-scripts)(?=.*--omit=optional)/);
    expect(installs[1]).toContain('--omit=dev');
  });

  it('the process → an account by number that is not root, and no shell', () => {
    expect(valuesOf('USER', last)).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
    for (const name of ['ENTRYPOINT', 'CMD']) expect(commandOf(name)).not.toHaveLength(0);
    expect(valuesOf('RUN', last)).toEqual([]);
    expect(valuesOf('HEALTHCHECK', last)).toEqual([expect.stringMatching(/CMD \[.*\]$/)]);
  });

  it('what it starts → as npm start does, from files that the build makes', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
    expect([...commandOf('ENTRYPOINT'), ...commandOf('CMD')].join(' ')).toBe(scripts['start']);
    const [, check = ''] = /"(dist\/[^"]+)"/.exec(valuesOf('HEALTHCHECK', last)[0] ?? '') ?? [];
    for (const file of [...commandOf('CMD'), check]) {
      expect(fs.existsSync(file.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    }
  });
});

function commandOf(name: string): readonly string[] {
  const [value = '', ...more] = valuesOf(name, last);
  expect(more).toEqual([]);
  const command: unknown = JSON.parse(value);
  if (!Array.isArray(command)) throw new Error(`${name} is not in exec form`);
  return command.map(String);
}
