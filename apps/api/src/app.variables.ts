import { SigningKeys } from '@app/auth';
import {
  flag,
  host,
  integer,
  listOf,
  oneOf,
  origin,
  type Parser,
  processes,
  proxies,
  ratio,
  text,
  url,
} from './app.parsers.js';

/** What an absent variable means, written as one would give it; without `usual` it means undefined. */
export interface Defaults {
  readonly usual?: string;
  readonly inProduction?: string;
  readonly onTerminal?: string;
}

/** What chooses among {@link Defaults}. */
export interface Circumstances {
  readonly isProduction: boolean;
  readonly onTerminal: boolean;
}

/** One variable of the environment. Name, default and parser stand here and nowhere else. */
export interface Variable<T> {
  readonly name: string;
  readonly defaults: Defaults;
  /** Production has no default for it. */
  readonly isRequired: boolean;
  /** Production refuses a placeholder. */
  readonly isSecret: boolean;
  /** `<NAME>_FILE` may name a file that holds it instead: it is, or contains, a credential. */
  readonly isInFile?: true;
  readonly parse: Parser<T>;
  absent(circumstances: Circumstances): T;
}

/** Absent, it has a default. */
export function variable<T>(
  name: string,
  parse: Parser<T>,
  defaults: Defaults & { readonly usual: string },
): Variable<T> {
  const { usual, inProduction, onTerminal } = defaults;
  const given = (circumstances: Circumstances): string =>
    (circumstances.isProduction ? inProduction : undefined) ??
    (circumstances.onTerminal ? onTerminal : undefined) ??
    usual;
  const absent = (circumstances: Circumstances): T => parse(given(circumstances));
  return { name, defaults, isRequired: false, isSecret: false, parse, absent };
}

/** Absent, it is undefined. */
export function optional<T>(name: string, parse: Parser<T>): Variable<T | undefined> {
  return { name, defaults: {}, isRequired: false, isSecret: false, parse, absent: () => undefined };
}

/** Absent, it is undefined, which production refuses. */
export function required<T>(name: string, parse: Parser<T>): Variable<T | undefined> {
  return { ...optional(name, parse), isRequired: true };
}

/** As {@link required}; a placeholder is refused, too. */
export function secret<T>(name: string, parse: Parser<T>): Variable<T | undefined> {
  return { ...required(name, parse), isSecret: true };
}

/** May stand in a file, as containers are given their secrets. */
export function inFile<T>(wanted: Variable<T>): Variable<T> {
  return { ...wanted, isInFile: true };
}

/** Every variable there is; docs/configuration.md says what each means, and a test holds it against this table. */
export const VARIABLES = {
  port: variable('PORT', integer(0, 65_535), { usual: '3000' }),
  host: variable('HOST', text(/^\S+$/, 'an address'), { usual: '127.0.0.1', inProduction: '0.0.0.0' }),
  mode: variable('NODE_ENV', oneOf('development', 'test', 'production'), { usual: 'development' }),
  publicUrl: optional('PUBLIC_URL', url('http:', 'https:')),
  workers: variable('WORKERS', processes, { usual: '1' }),
  tlsCertFile: optional('TLS_CERT_FILE', text(/^[^\0]+$/, 'a path')),
  tlsKeyFile: optional('TLS_KEY_FILE', text(/^[^\0]+$/, 'a path')),
  httpsOnly: variable('HTTPS_ONLY', flag('on', 'off'), { usual: 'off' }),
  trustedHosts: required('TRUSTED_HOSTS', listOf(host)),
  corsOrigins: optional('CORS_ORIGINS', listOf(origin)),
  drainDelayMs: variable('DRAIN_DELAY_MS', integer(0, 60_000), { usual: '0', inProduction: '3000' }),
  shedding: variable('SHEDDING', flag('on', 'off'), { usual: 'on' }),
  databaseUrl: inFile(secret('DATABASE_URL', url('postgres:', 'postgresql:'))),
  databaseDirectUrl: inFile(optional('DATABASE_DIRECT_URL', url('postgres:', 'postgresql:'))),
  databaseReplicaUrls: inFile(optional('DATABASE_REPLICA_URLS', listOf(url('postgres:', 'postgresql:')))),
  databasePoolMax: variable('DATABASE_POOL_MAX', integer(1, 1_000), { usual: '10' }),
  databaseStatementTimeoutMs: variable('DATABASE_STATEMENT_TIMEOUT_MS', integer(1, 3_600_000), { usual: '15000' }),
  migrate: variable('MIGRATE', oneOf('auto', 'off'), { usual: 'auto' }),
  dataDir: variable('DATA_DIR', text(/^[^\0]+$/, 'a path'), { usual: '.data' }),
  jwtKeys: inFile(secret('JWT_KEYS', (value) => SigningKeys.parse(value))),
  jwtIssuer: variable('JWT_ISSUER', text(), { usual: 'plinth' }),
  jwtAudience: variable('JWT_AUDIENCE', text(), { usual: 'plinth-api' }),
  redisUrl: inFile(optional('REDIS_URL', listOf(url('redis:', 'rediss:'), /,(?=\s*rediss?:)/))),
  redisCluster: variable('REDIS_CLUSTER', flag('on', 'off'), { usual: 'off' }),
  cache: variable('CACHE', flag('on', 'off'), { usual: 'on' }),
  rateLimitMax: variable('RATE_LIMIT_MAX', integer(1, 1_000_000), { usual: '100' }),
  rateLimitAddressMax: variable('RATE_LIMIT_ADDRESS_MAX', integer(1, 1_000_000), { usual: '600' }),
  rateLimitWindowS: variable('RATE_LIMIT_WINDOW_S', integer(1, 86_400), { usual: '60' }),
  loginMaxFailures: variable('LOGIN_MAX_FAILURES', integer(1, 1_000), { usual: '5' }),
  loginWindowS: variable('LOGIN_WINDOW_S', integer(1, 86_400), { usual: '900' }),
  trustProxy: variable('TRUST_PROXY', proxies, { usual: '0' }),
  bodyLimitBytes: variable('BODY_LIMIT_BYTES', integer(1, 104_857_600), { usual: '102400' }),
  importLimitBytes: variable('IMPORT_LIMIT_BYTES', integer(1, 1_073_741_824), { usual: '52428800' }),
  jobs: variable('JOBS', flag('inline', 'off'), { usual: 'inline', inProduction: 'off' }),
  docs: variable('DOCS', flag('on', 'off'), { usual: 'on' }),
  metricsToken: inFile(optional('METRICS_TOKEN', text(/^[\w.~+/-]{16,}=*$/, 'at least 16 letters, digits and ._~+/-'))),
  metricsPort: optional('METRICS_PORT', integer(1, 65_535)),
  capacityRps: optional('CAPACITY_RPS', integer(1, 1_000_000)),
  otlpEndpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT', url('http:', 'https:')),
  otelServiceName: variable('OTEL_SERVICE_NAME', text(), { usual: 'plinth' }),
  otelSampled: variable('OTEL_TRACES_SAMPLER_ARG', ratio, { usual: '1' }),
  serverTiming: variable('SERVER_TIMING', flag('on', 'off'), { usual: 'on' }),
  demoData: variable('DEMO_DATA', flag('true', 'false'), { usual: 'true', inProduction: 'false' }),
  logLevel: variable('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'fatal'), { usual: 'info' }),
  logFormat: variable('LOG_FORMAT', oneOf('json', 'pretty'), { usual: 'json', onTerminal: 'pretty' }),
};
