import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from './app.config.js';
import type { Environment } from './app.environment.js';
import { type Variable, VARIABLES } from './app.variables.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_KEYS: 'k1=Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0',
  TRUSTED_HOSTS: 'api.plinth.test',
};

function refusal(environment: Environment): ConfigError {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('secrets in files', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync('/tmp/plinth-secrets-');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function file(content: string): string {
    const name = path.join(directory, 'secret');
    writeFileSync(name, content);
    return name;
  }

  const TOKEN = 'a-token-of-enough-letters';
  const URL = 'postgres://app:fX9-w@db/plinth';

  it.each([
    ['nothing', ''],
    ['a line break', '\n'],
    ['that of Windows', '\r\n'],
  ])('the file ends with %s → its content is the value', (_name, ending) => {
    const given = { ...PRODUCTION, DATABASE_URL_FILE: file(`${URL}${ending}`) };
    expect(parseConfig(given).database.url).toBe(URL);
  });

  it('production, and the file holds a placeholder → refused like a value', () => {
    const given = { ...PRODUCTION, DATABASE_URL_FILE: file('postgres://app:change-me@db/x') };
    expect(refusal(given).faults).toEqual([expect.stringMatching(/^DATABASE_URL /)]);
  });

  it.each([
    [
      'two line breaks',
      () => ({ METRICS_TOKEN_FILE: file(`${TOKEN}\n\n`) }),
      /^METRICS_TOKEN at least|^METRICS_TOKEN expects/,
    ],
    [
      'no file',
      () => ({ REDIS_URL_FILE: '/nowhere/at-all' }),
      /^REDIS_URL cannot be read from the file of REDIS_URL_FILE$/,
    ],
    ['an empty file', () => ({ REDIS_URL_FILE: file('\n') }), /^REDIS_URL is empty in the file of REDIS_URL_FILE$/],
    ['both', () => ({ REDIS_URL: 'redis://a', REDIS_URL_FILE: file('redis://a') }), /^REDIS_URL is given twice/],
  ])('%s → refused, neither content nor path shown', (_name, environment, expected) => {
    const { faults, message } = refusal(environment());
    expect(faults).toEqual([expect.stringMatching(expected)]);
    expect(message).not.toMatch(/redis:|a-token|plinth-secrets|nowhere/);
  });

  it('a variable that is no secret → its _FILE is none of ours', () => {
    expect(parseConfig({ PORT_FILE: '/nowhere/at-all' }).port).toBe(3_000);
  });

  it('docs/configuration.md → names the variables that may stand in files', () => {
    const [, list = ''] = /These may stand in files: (.*)\./.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
    const inFiles = Object.values<Variable<unknown>>(VARIABLES).filter(({ isInFile }) => isInFile);
    expect(list).toBe(inFiles.map(({ name }) => `\`${name}\``).join(', '));
  });
});
