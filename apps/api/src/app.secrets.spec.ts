import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseConfig } from './app.config.js';
import { developmentKeys } from './app.secrets.js';

const KEY = 'Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0';
const GOOD = {
  DATABASE_URL: 'postgres://app:fX9-w@db/plinth',
  JWT_KEYS: `k1=${KEY}`,
  TRUSTED_HOSTS: 'api.plinth.test',
};

const inProduction = (given: Readonly<Record<string, string>>) => () =>
  parseConfig({ NODE_ENV: 'production', ...GOOD, ...given });
const encoded = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('base64url');

describe('placeholders for secrets', () => {
  it.each([
    ['JWT_KEYS', 'k1=change-me-change-me-change-me-change-me-chan'],
    ['JWT_KEYS', `k1=${KEY},k2=REPLACE_this_placeholder_by_a_key_of_your_own_012345`],
    ['JWT_KEYS', `k1=${encoded('CHANGE_ME before you deploy this!')}`],
    ['JWT_KEYS', `k1=${encoded('this is a secret, keep it well 42')}`],
    ['JWT_KEYS', `k1=${encoded('my super secret key for plinth 1')}`],
    ['JWT_KEYS', `k1=${'A'.repeat(43)}`],
    ['JWT_KEYS', `k1=${encoded('0123456789'.repeat(4))}`],
    ['DATABASE_URL', 'postgres://app:changeme@db/plinth'],
    ['DATABASE_URL', 'postgres://app:change%2Dme@db/plinth'],
    ['DATABASE_URL', 'postgres://app:password@db/plinth'],
    ['DATABASE_URL', 'postgres://app:secret@db/plinth'],
  ])('%s=%s → refused in production without being shown, taken in development', (name, value) => {
    expect(inProduction({ [name]: value })).toThrow(new RegExp(`wrong:\\n  ${name} has a [^\\n]*$`));
    expect(inProduction({ [name]: value })).not.toThrow(value);
    expect(() => parseConfig({ ...GOOD, [name]: value })).not.toThrow();
  });

  it.each([
    ['a user and a database that are called example', 'postgres://example:fX9-w@db.example.com/example'],
    ['no password, as with client certificates', 'postgres://app@db/plinth'],
    ['a percent-encoded password', 'postgres://app:%2Fz%40%25q@db/plinth'],
  ])('%s → taken in production', (_, url) => {
    expect(inProduction({ DATABASE_URL: url })().database.url).toBe(url);
  });

  it('2,000 random keys → never refused', () => {
    const keys = Array.from({ length: 2_000 }, (_, n) => `k${n}=${randomBytes(32).toString('base64url')}`);
    expect(inProduction({ JWT_KEYS: keys.join(',') })).not.toThrow();
  });
});

describe('keys for development', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'plinth-keys-'));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  it('asked for again → the same key, readable by this user alone, in a directory that was made', () => {
    const home = path.join(directory, 'new', 'data');
    const first = developmentKeys(home).derive('cursors');
    expect(developmentKeys(home).derive('cursors')).toEqual(first);
    expect(fs.readdirSync(home)).toEqual(['jwt-keys']);
    expect(fs.statSync(path.join(home, 'jwt-keys')).mode & 0o777).toBe(0o600);
  });

  it('another directory → another key', () => {
    const [one, two] = ['one', 'two'].map((name) => developmentKeys(path.join(directory, name)).derive('cursors'));
    expect(one).not.toEqual(two);
  });
});
