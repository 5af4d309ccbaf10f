import { existsSync } from 'node:fs';
import path from 'node:path';
import { SigningKeys } from '@app/auth';
import type { LogLevel } from '@app/logging';
import { refusePlaceholder } from './app.secrets.js';
import {
  type Circumstances,
  flag,
  integer,
  oneOf,
  optional,
  proxies,
  secret,
  text,
  url,
  type Variable,
  variable,
} from './app.variables.js';

/** Everything that the environment decides. Frozen; nothing else reads `process.env`. */
export interface AppConfig {
  readonly isProduction: boolean;
  readonly port: number;
  readonly host: string;
  /** How clients reach the server, without a trailing slash; undefined: as the request says. */
  readonly publicUrl: string | undefined;
  readonly database: {
    /** Undefined: the embedded server. */
    readonly url: string | undefined;
    readonly poolMax: number;
    readonly statementTimeoutMs: number;
    readonly migrate: 'auto' | 'off';
    readonly demoData: boolean;
  };
  /** Home of the embedded server and of development secrets; absolute. */
  readonly dataDir: string;
  readonly jwt: {
    /** Undefined in development: made once and kept in the data directory. */
    readonly keys: SigningKeys | undefined;
    readonly issuer: string;
    readonly audience: string;
  };
  /** Undefined: a single instance, nothing is shared. */
  readonly redisUrl: string | undefined;
  readonly cache: boolean;
  /** Requests per window: of a user or, anonymous, an address; and of an address whoever asks from there. */
  readonly rateLimit: { readonly max: number; readonly addressMax: number; readonly windowS: number };
  readonly login: { readonly maxFailures: number; readonly windowS: number };
  /** Whose `X-Forwarded-For` counts: that of so many hops, or of these addresses. */
  readonly trustProxy: number | readonly string[];
  readonly bodyLimitBytes: number;
  /** Of bodies of lines, which are streamed. */
  readonly importLimitBytes: number;
  /** Whether the server works off jobs, too; otherwise workers do. */
  readonly jobs: boolean;
  readonly docs: boolean;
  readonly serverTiming: boolean;
  /** What a reader of the metrics sends; undefined: production shows them to nobody. */
  readonly metricsToken: string | undefined;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty' };
}

/** Every variable there is; docs/configuration.md says what each means, and a test holds it against this table. */
export const VARIABLES = {
  port: variable('PORT', integer(0, 65_535), { usual: '3000' }),
  host: variable('HOST', text(/^\S+$/, 'an address'), { usual: '127.0.0.1', inProduction: '0.0.0.0' }),
  mode: variable('NODE_ENV', oneOf('development', 'test', 'production'), { usual: 'development' }),
  publicUrl: optional('PUBLIC_URL', url('http:', 'https:')),
  databaseUrl: secret('DATABASE_URL', url('postgres:', 'postgresql:')),
  databasePoolMax: variable('DATABASE_POOL_MAX', integer(1, 1_000), { usual: '10' }),
  databaseStatementTimeoutMs: variable('DATABASE_STATEMENT_TIMEOUT_MS', integer(1, 3_600_000), { usual: '15000' }),
  migrate: variable('MIGRATE', oneOf('auto', 'off'), { usual: 'auto' }),
  dataDir: variable('DATA_DIR', text(/^[^\0]+$/, 'a path'), { usual: '.data' }),
  jwtKeys: secret('JWT_KEYS', (value) => SigningKeys.parse(value)),
  jwtIssuer: variable('JWT_ISSUER', text(), { usual: 'plinth' }),
  jwtAudience: variable('JWT_AUDIENCE', text(), { usual: 'plinth-api' }),
  redisUrl: optional('REDIS_URL', url('redis:', 'rediss:')),
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
  metricsToken: optional('METRICS_TOKEN', text(/^[\w.~+/-]{16,}=*$/, 'at least 16 letters, digits and ._~+/-')),
  serverTiming: variable('SERVER_TIMING', flag('on', 'off'), { usual: 'on' }),
  demoData: variable('DEMO_DATA', flag('true', 'false'), { usual: 'true', inProduction: 'false' }),
  logLevel: variable('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'fatal'), { usual: 'info' }),
  logFormat: variable('LOG_FORMAT', oneOf('json', 'pretty'), { usual: 'json', onTerminal: 'pretty' }),
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Start-up stops with this: it names every wrong variable, and no value. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the configuration is wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads `.env` beside the project, if there is one; what the environment has already wins. */
export function readEnvironment(directory = process.cwd()): Environment {
  const file = path.join(directory, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}

/**
 * The configuration of the process.
 *
 * @throws ConfigError when a variable is wrong, or one that production needs is missing.
 */
export function parseConfig(environment: Environment, onTerminal = false): AppConfig {
  const faults: string[] = [];
  const readMode = reader(environment, { isProduction: false, onTerminal }, faults);
  const isProduction = readMode(VARIABLES.mode) === 'production';
  const read = reader(environment, { isProduction, onTerminal }, faults);
  const config: AppConfig = {
    isProduction,
    port: read(VARIABLES.port),
    host: read(VARIABLES.host),
    publicUrl: read(VARIABLES.publicUrl)?.replace(/\/+$/, ''),
    database: {
      url: read(VARIABLES.databaseUrl),
      poolMax: read(VARIABLES.databasePoolMax),
      statementTimeoutMs: read(VARIABLES.databaseStatementTimeoutMs),
      migrate: read(VARIABLES.migrate),
      demoData: read(VARIABLES.demoData),
    },
    dataDir: path.resolve(read(VARIABLES.dataDir)),
    jwt: {
      keys: read(VARIABLES.jwtKeys),
      issuer: read(VARIABLES.jwtIssuer),
      audience: read(VARIABLES.jwtAudience),
    },
    redisUrl: read(VARIABLES.redisUrl),
    cache: read(VARIABLES.cache),
    rateLimit: {
      max: read(VARIABLES.rateLimitMax),
      addressMax: read(VARIABLES.rateLimitAddressMax),
      windowS: read(VARIABLES.rateLimitWindowS),
    },
    login: { maxFailures: read(VARIABLES.loginMaxFailures), windowS: read(VARIABLES.loginWindowS) },
    trustProxy: read(VARIABLES.trustProxy),
    bodyLimitBytes: read(VARIABLES.bodyLimitBytes),
    importLimitBytes: read(VARIABLES.importLimitBytes),
    jobs: read(VARIABLES.jobs),
    docs: read(VARIABLES.docs),
    metricsToken: read(VARIABLES.metricsToken),
    serverTiming: read(VARIABLES.serverTiming),
    log: { level: read(VARIABLES.logLevel), format: read(VARIABLES.logFormat) },
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return freeze(config);
}

/** Collects what is wrong instead of stopping at the first fault. */
function reader(environment: Environment, circumstances: Circumstances, faults: string[]) {
  return <T>(wanted: Variable<T>): T => {
    try {
      return valueOf(wanted, environment[wanted.name], circumstances);
    } catch (error) {
      faults.push(`${wanted.name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return wanted.absent(circumstances);
    }
  };
}

/** An empty variable counts as absent: that is how shells and compose files unset one. */
function valueOf<T>(wanted: Variable<T>, given: string | undefined, circumstances: Circumstances): T {
  const mustBeReal = wanted.isSecret && circumstances.isProduction;
  if (given === undefined || given === '') {
    if (mustBeReal) throw new Error('is required in production');
    return wanted.absent(circumstances);
  }
  const value = wanted.parse(given);
  if (mustBeReal) refusePlaceholder(given);
  return value;
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (isPlain(member)) freeze(member);
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
