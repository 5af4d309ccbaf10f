import { existsSync } from 'node:fs';
import path from 'node:path';
import { SigningKeys } from '@app/auth';
import type { LogLevel } from '@app/logging';
import { assertNoPlaceholder } from './app.secrets.js';
import { flag, integer, oneOf, text, url } from './app.variables.js';

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
  /** Home of the embedded server and of development secrets; undefined: chosen at start. */
  readonly dataDir: string | undefined;
  readonly jwt: {
    /** Undefined in development: made once and kept in the data directory. */
    readonly keys: SigningKeys | undefined;
    readonly issuer: string;
    readonly audience: string;
  };
  readonly bodyLimitBytes: number;
  readonly docs: boolean;
  readonly serverTiming: boolean;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty' };
}

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
  const read = reader(environment, faults);
  const isProduction = read('NODE_ENV', oneOf('development', 'test', 'production'), 'development') === 'production';
  const secret = <T>(name: string, parse: (value: string) => T): T | undefined => {
    if (isProduction && !environment[name]) faults.push(`${name} is required in production`);
    return read(name, (value) => (isProduction ? assertNoPlaceholder(value, parse) : parse(value)), undefined);
  };
  const config: AppConfig = {
    isProduction,
    port: read('PORT', integer(0, 65_535), 3_000),
    host: read('HOST', text(/^\S+$/, 'an address'), isProduction ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: read('PUBLIC_URL', url('http:', 'https:'), undefined)?.replace(/\/+$/, ''),
    database: {
      url: secret('DATABASE_URL', url('postgres:', 'postgresql:')),
      poolMax: read('DATABASE_POOL_MAX', integer(1, 1_000), 10),
      statementTimeoutMs: read('DATABASE_STATEMENT_TIMEOUT_MS', integer(1, 3_600_000), 15_000),
      migrate: read('MIGRATE', oneOf('auto', 'off'), 'auto'),
      demoData: read('DEMO_DATA', flag('true', 'false'), !isProduction),
    },
    dataDir: read('DATA_DIR', text(/^[^\0]+$/, 'a path'), undefined),
    jwt: {
      keys: secret('JWT_KEYS', (value) => SigningKeys.parse(value)),
      issuer: read('JWT_ISSUER', text(), 'plinth'),
      audience: read('JWT_AUDIENCE', text(), 'plinth-api'),
    },
    bodyLimitBytes: read('BODY_LIMIT_BYTES', integer(1, 104_857_600), 102_400),
    docs: read('DOCS', flag('on', 'off'), true),
    serverTiming: read('SERVER_TIMING', flag('on', 'off'), true),
    log: {
      level: read('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'fatal'), 'info'),
      format: read('LOG_FORMAT', oneOf('json', 'pretty'), onTerminal ? 'pretty' : 'json'),
    },
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return freeze(config);
}

/** An empty variable counts as absent: that is how shells and compose files unset one. */
function reader(environment: Environment, faults: string[]) {
  return <T, F>(name: string, parse: (value: string) => T, fallback: F): T | F => {
    const value = environment[name];
    if (value === undefined || value === '') return fallback;
    try {
      return parse(value);
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return fallback;
    }
  };
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (isPlain(member)) freeze(member);
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
