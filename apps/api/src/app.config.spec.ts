import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SigningKeys } from '@app/auth';
import { type AppConfig, ConfigError, parseConfig } from './app.config.js';
import type { Environment } from './app.environment.js';
import { type Variable, VARIABLES } from './app.variables.js';

const KEY = 'k1=Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:fX9-w@db/plinth',
  JWT_KEYS: KEY,
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

describe('defaults', () => {
  it('nothing given → what development needs', () => {
    expect(parseConfig({})).toEqual({
      isProduction: false,
      port: 3_000,
      host: '127.0.0.1',
      publicUrl: undefined,
      workers: 1,
      tls: undefined,
      httpsOnly: false,
      trustedHosts: undefined,
      corsOrigins: [],
      drainDelayMs: 0,
      shedding: true,
      database: {
        url: undefined,
        directUrl: undefined,
        replicaUrls: [],
        poolMax: 10,
        statementTimeoutMs: 15_000,
        migrate: 'auto',
        demoData: true,
      },
      dataDir: path.resolve('.data'),
      jwt: { keys: undefined, issuer: 'plinth', audience: 'plinth-api' },
      redis: undefined,
      cache: true,
      rateLimit: { max: 100, addressMax: 600, windowS: 60 },
      login: { maxFailures: 5, windowS: 900 },
      trustProxy: 0,
      bodyLimitBytes: 102_400,
      importLimitBytes: 52_428_800,
      jobs: true,
      docs: true,
      metricsToken: undefined,
      metricsPort: undefined,
      capacityRps: undefined,
      tracing: undefined,
      serverTiming: true,
      log: { level: 'info', format: 'json' },
    } satisfies AppConfig);
  });

  it('production → listens to the world, without demo data', () => {
    expect(parseConfig(PRODUCTION)).toMatchObject({
      isProduction: true,
      host: '0.0.0.0',
      database: { url: PRODUCTION.DATABASE_URL, demoData: false },
      jobs: false,
      jwt: { keys: expect.any(SigningKeys) },
    });
  });

  it('production on a terminal → pretty lines, the address of production', () => {
    expect(parseConfig(PRODUCTION, true)).toMatchObject({ host: '0.0.0.0', log: { format: 'pretty' } });
  });

  it('a given value → wins over the default of its circumstances', () => {
    const given = { ...PRODUCTION, HOST: '::1', DEMO_DATA: 'true', LOG_FORMAT: 'json' };
    expect(parseConfig(given, true)).toMatchObject({
      host: '::1',
      database: { demoData: true },
      log: { format: 'json' },
    });
  });

  it('empty variables → count as absent', () => {
    const empty = Object.fromEntries(Object.values(VARIABLES).map(({ name }) => [name, '']));
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });

  it.each([
    ['DOCS', 'off', { docs: false }],
    ['SERVER_TIMING', 'off', { serverTiming: false }],
    ['MIGRATE', 'off', { database: { migrate: 'off' } }],
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['BODY_LIMIT_BYTES', '104857600', { bodyLimitBytes: 104_857_600 }],
    ['JOBS', 'off', { jobs: false }],
    ['IMPORT_LIMIT_BYTES', '1073741824', { importLimitBytes: 1_073_741_824 }],
    ['PUBLIC_URL', 'https://api.example.com/shop//', { publicUrl: 'https://api.example.com/shop' }],
    ['DATABASE_URL', 'postgresql:///plinth?host=/var/run/postgresql', { database: { url: expect.any(String) } }],
    ['DATA_DIR', '/var/lib/shop', { dataDir: '/var/lib/shop' }],
    ['WORKERS', '1', { workers: 1 }],
    ['REDIS_URL', 'redis://:a,b@cache:6379', { redis: { url: 'redis://:a,b@cache:6379', isCluster: false } }],
    ['HTTPS_ONLY', 'on', { httpsOnly: true }],
    [
      'TRUSTED_HOSTS',
      'API.example.com, 10.0.0.1:8080,[::1]',
      { trustedHosts: ['api.example.com', '10.0.0.1:8080', '[::1]'] },
    ],
    [
      'CORS_ORIGINS',
      'https://a.example.com,http://localhost:5173',
      { corsOrigins: ['https://a.example.com', 'http://localhost:5173'] },
    ],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://otel:4318',
      { tracing: { endpoint: 'http://otel:4318', serviceName: 'plinth', sampled: 1 } },
    ],
  ])('%s=%s → %j', (name, value, expected) => {
    expect(parseConfig({ [name]: value })).toMatchObject(expected);
  });

  it('a pooler, and replicas → past it, and each of them', () => {
    const given = {
      DATABASE_URL: 'postgres://pooler/x',
      DATABASE_DIRECT_URL: 'postgres://a/x',
      DATABASE_REPLICA_URLS: 'postgres://b/x, postgres://c/x',
    };
    const database = { url: given.DATABASE_URL, directUrl: 'postgres://a/x' };
    const replicaUrls = ['postgres://b/x', 'postgres://c/x'];
    expect(parseConfig(given)).toMatchObject({ database: { ...database, replicaUrls } });
  });
});

describe('wrong values', () => {
  it.each([
    ['PORT', '65536', 'expects a whole number from 0 to 65535'],
    ['PORT', '-1', 'expects a whole number from 0 to 65535'],
    ['PORT', '80.5', 'expects a whole number from 0 to 65535'],
    ['PORT', '0x50', 'expects a whole number from 0 to 65535'],
    ['PORT', ' 80', 'expects a whole number from 0 to 65535'],
    ['HOST', 'two words', 'expects an address'],
    ['NODE_ENV', 'prod', 'expects one of development, test, production'],
    ['PUBLIC_URL', 'ftp://files.example.net', 'expects a URL that starts with http:// or https://'],
    ['PUBLIC_URL', 'api.example.net', 'expects a URL that starts with http:// or https://'],
    ['DATABASE_URL', 'mysql://u:hunter22@db/x', 'expects a URL that starts with postgres:// or postgresql://'],
    ['DATABASE_URL', 'postgres://u:hunter22%zz@db/x', 'has a broken percent-encoding'],
    ['DATABASE_POOL_MAX', '0', 'expects a whole number from 1 to 1000'],
    ['DATABASE_STATEMENT_TIMEOUT_MS', '0', 'expects a whole number from 1 to 3600000'],
    ['DATABASE_STATEMENT_TIMEOUT_MS', '3600001', 'expects a whole number from 1 to 3600000'],
    ['WORKERS', '0', 'expects a whole number from 1 to 256'],
    ['TRUSTED_HOSTS', 'api.example.com,', 'expects host names, comma separated'],
    ['TRUSTED_HOSTS', 'https://api.example.com', 'expects host names, comma separated'],
    ['TRUSTED_HOSTS', 'api.example.com/v1', 'expects host names, comma separated'],
    ['CORS_ORIGINS', '*', 'expects origins such as https://app.example.com, comma separated'],
    ['CORS_ORIGINS', 'https://app.example.com/', 'expects origins such as https://app.example.com, comma separated'],
    ['DATABASE_REPLICA_URLS', 'postgres://a/x,', 'expects a URL that starts with postgres:// or postgresql://'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'expects a number from 0 to 1'],
    ['MIGRATE', 'AUTO', 'expects one of auto, off'],
    ['DATA_DIR', 'a\0b', 'expects a path'],
    ['JWT_KEYS', 'hunter22', 'expects kid=base64url,…; key 1 is not so'],
    ['JWT_KEYS', 'aHVudGVyMjJodW50ZXIyMmh1bnRlcjIyaHVudGVyMjI=', 'key 1 has fewer than 256 bits'],
    ['JWT_KEYS', `${KEY},k2=hunter22`, 'key 2 has fewer than 256 bits'],
    ['JWT_KEYS', `${KEY},k2=hunter22+hunter22/hunter22hunter22hunter22hunt`, 'key 2 is not base64url'],
    ['JWT_KEYS', `${KEY},${KEY}`, 'a kid is given twice'],
    ['BODY_LIMIT_BYTES', '100kB', 'expects a whole number from 1 to 104857600'],
    ['IMPORT_LIMIT_BYTES', '0', 'expects a whole number from 1 to 1073741824'],
    ['JOBS', 'on', 'expects one of inline, off'],
    ['DOCS', 'true', 'expects one of on, off'],
    ['SERVER_TIMING', 'no', 'expects one of on, off'],
    ['DEMO_DATA', 'on', 'expects one of true, false'],
    ['LOG_LEVEL', 'verbose', 'expects one of debug, info, warn, error, fatal'],
    ['LOG_FORMAT', 'text', 'expects one of json, pretty'],
  ])('%s=%s → refused: %s, the value not shown', (name, value, reason) => {
    expect(refusal({ [name]: value }).message).toBe(`the configuration is wrong:\n  ${name} ${reason}`);
  });

  it('several → one error that names them all', () => {
    const wrong = { PORT: 'http', LOG_LEVEL: 'loud', NODE_ENV: 'production', JWT_KEYS: 'k1=hunter22' };
    const { message } = refusal(wrong);
    expect(message.split('\n')).toEqual([
      'the configuration is wrong:',
      '  PORT expects a whole number from 0 to 65535',
      '  TRUSTED_HOSTS is required in production',
      '  DATABASE_URL is required in production',
      '  JWT_KEYS key 1 has fewer than 256 bits',
      '  LOG_LEVEL expects one of debug, info, warn, error, fatal',
    ]);
  });

  it('WORKERS without REDIS_URL → refused; with it → one for each processor', () => {
    expect(refusal({ WORKERS: '2' }).faults).toEqual([expect.stringMatching(/^WORKERS needs REDIS_URL /)]);
    const { workers } = parseConfig({ WORKERS: 'auto', REDIS_URL: 'redis://cache' });
    expect(workers).toBe(os.availableParallelism());
  });

  it('several Redis URLs → refused, unless they are nodes of a cluster', () => {
    const given = { REDIS_URL: 'redis://a:6379, rediss://:x,y@b:6379' };
    expect(refusal(given).faults).toEqual(['REDIS_URL expects one URL unless REDIS_CLUSTER is on']);
    expect(parseConfig({ ...given, REDIS_CLUSTER: 'on' }).redis).toEqual({
      url: 'redis://a:6379,rediss://:x,y@b:6379',
      isCluster: true,
    });
  });

  it.each(['CERT', 'KEY'])('TLS_%s_FILE alone → refused', (given) => {
    const other = given === 'CERT' ? 'KEY' : 'CERT';
    const [fault] = refusal({ [`TLS_${given}_FILE`]: '/etc/tls.pem' }).faults;
    expect(fault).toBe(`TLS_${other}_FILE is required with TLS_${given}_FILE`);
  });

  it.each(['DATABASE_URL', 'JWT_KEYS', 'TRUSTED_HOSTS'])('production without %s → refused', (name) => {
    expect(refusal({ ...PRODUCTION, [name]: undefined }).faults).toEqual([`${name} is required in production`]);
    expect(refusal({ ...PRODUCTION, [name]: '' }).faults).toEqual([`${name} is required in production`]);
  });
});

describe('the configuration as a value', () => {
  it('deeply frozen → nobody changes it at run time', () => {
    const objects = (value: object): object[] => [value, ...Object.values(value).filter(isPlain).flatMap(objects)];
    const all = objects(parseConfig({ ...PRODUCTION, TRUST_PROXY: '10.0.0.0/8' }));
    expect(all).toHaveLength(10); // itself, trustedHosts, corsOrigins, database, its replicas, jwt, log, rateLimit, login, trustProxy
    expect(all.filter((part) => !Object.isFrozen(part))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  const rows = readFileSync('docs/configuration.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('its table → lists the variables that are read, no other, in their order', () => {
    expect(rows.map(([, name]) => name)).toEqual(Object.values(VARIABLES).map(({ name }) => `\`${name}\``));
  });

  it('its defaults → those of the code', () => {
    const written = Object.fromEntries(rows.map(([, name, , , given]) => [name, given]));
    const read = Object.fromEntries(Object.values(VARIABLES).map((each) => [`\`${each.name}\``, defaultsOf(each)]));
    expect(written).toEqual(read);
  });

  it('every row → has a meaning, and a unit that fits the name', () => {
    for (const [, name = '', meaning, unit = ''] of rows) {
      expect({ name, meaning }).toEqual({ name, meaning: expect.stringMatching(/^\S.*\.$/) });
      expect({ name, unit }).toEqual({ name, unit: expect.stringMatching(/\S/) });
      if (name.endsWith('_MS`')) expect({ name, unit }).toEqual({ name, unit: 'milliseconds' });
      if (name.endsWith('_BYTES`')) expect({ name, unit }).toEqual({ name, unit: 'bytes' });
    }
  });

  it('.env.example → the same variables with their defaults, all switched off', () => {
    const lines = readFileSync('.env.example', 'utf8').split('\n');
    expect(lines.filter((line) => /^[^#]/.test(line))).toEqual([]);
    expect(lines.filter((line) => /^# [A-Z_]+=/.test(line))).toEqual(
      Object.values(VARIABLES).map(({ name, defaults }) => `# ${name}=${defaults.usual ?? ''}`),
    );
  });
});

/** As the table writes it. */
function defaultsOf({ defaults, isRequired }: Variable<unknown>): string {
  const { usual, inProduction, onTerminal } = defaults;
  return [
    usual === undefined ? 'none' : `\`${usual}\``,
    ...(inProduction === undefined ? [] : [`\`${inProduction}\` in production`]),
    ...(onTerminal === undefined ? [] : [`\`${onTerminal}\` on a terminal`]),
    ...(isRequired ? ['required in production'] : []),
  ].join(', ');
}

function isPlain(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
