import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';

interface Package {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

type Packages = Readonly<Record<string, Package>>;

const { packages }: { packages: Packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
const { allowScripts }: { allowScripts: Record<string, boolean> } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
const LINT = path.resolve('node_modules/lockfile-lint/bin/lockfile-lint.js');
/** As in package.json, `check:supply:lockfile`. */
const OPTIONS = ['--type', 'npm', '--validate-integrity', '--validate-https', '--allowed-hosts', 'npm'];
const cleanups = Cleanups.afterEach();

const nameOf = (entry: string): string => entry.slice(entry.lastIndexOf('node_modules/') + 'node_modules/'.length);
const installed = (of: Packages): readonly [string, Package][] => Object.entries(of).filter(([entry]) => entry !== '');

/** What the lockfile leaves to chance, and scripts that nobody has decided on. */
function faultsOf(of: Packages): readonly string[] {
  const entries = installed(of);
  const scripts = new Set(
    entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([entry]) => nameOf(entry)),
  );
  return [
    ...entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([entry]) => `${entry}: no sha512`),
    ...[...scripts].filter((name) => !(name in allowScripts)).map((name) => `${name}: a script, not in allowScripts`),
    ...Object.keys(allowScripts)
      .filter((name) => !scripts.has(name))
      .map((name) => `${name}: has no script to allow`),
  ];
}

function lintStatus(of: Packages): number | null {
  const file = `${cleanups.aDirectory()}/package-lock.json`;
  fs.writeFileSync(file, JSON.stringify({ name: 'plinth', lockfileVersion: 3, packages: of }));
  return spawnSync(process.execPath, [LINT, '--path', file, ...OPTIONS]).status;
}

describe('the lockfile', () => {
  it('every package → pinned by its sha512, and every script of an installation decided on', () => {
    expect(installed(packages).length).toBeGreaterThan(500);
    expect(faultsOf(packages)).toEqual([]);
    expect(Object.entries(allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([['node', true]]);
  });

  it.each([
    ['a package without a hash', { version: '1.0.0' }, 'planted: no sha512'],
    ['a weak hash', { version: '1.0.0', integrity: 'sha1-abc=' }, 'planted: no sha512'],
    ['a script', { integrity: 'sha512-abc', hasInstallScript: true }, 'planted: a script, not in allowScripts'],
  ])('%s is planted → found', (_name, planted, fault) => {
    const [found = ''] = faultsOf({ ...packages, 'node_modules/planted': planted });
    expect(found.replace('node_modules/', '')).toBe(fault);
  });

  it('the lint → satisfied, and not with a package from elsewhere', () => {
    const integrity = `sha512-${'A'.repeat(86)}==`;
    const planted = { version: '1.0.0', integrity, resolved: 'https://packages.example.com/planted-1.0.0.tgz' };
    expect(lintStatus(packages)).toBe(0);
    expect(lintStatus({ ...packages, 'node_modules/planted': planted })).toBe(1);
  });

  it('npm run check:supply:lockfile → lints with the same options', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
    expect(scripts['check:supply:lockfile']).toBe(`lockfile-lint --path package-lock.json ${OPTIONS.join(' ')}`);
  });
});

describe('npm run sbom', () => {
  it('in CycloneDX → lists what production runs, each with version and hash, and nothing else', () => {
    const text = execFileSync('npm', ['run', '--silent', 'sbom'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { bomFormat, specVersion, components } = JSON.parse(text);
    expect([bomFormat, specVersion]).toEqual(['CycloneDX', expect.stringMatching(/^1\.\d$/)]);
    const listed = components.map(({ name, version }: Record<string, string>) => `${name}@${version}`);
    const wanted = installed(packages)
      .filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)
      .map(([entry, { version }]) => `${nameOf(entry)}@${version}`);
    expect([...new Set(listed)].toSorted()).toEqual([...new Set(wanted)].toSorted());
    expect(
      components.filter(({ purl, hashes }: { purl?: string; hashes?: unknown[] }) => !purl || !hashes?.length),
    ).toEqual([]);
  });
});
