import path from 'node:path';
import type { SigningKeys } from '@app/auth';
import type { LogLevel } from '@app/logging';
import { type Environment, reader } from './app.environment.js';
import { VARIABLES } from './app.variables.js';

/** Everything that the environment decides. Frozen; nothing else reads `process.env`. */
export interface AppConfig {
  readonly isProduction: boolean;
  readonly port: number;
  readonly host: string;
  /** How clients reach the server, without a trailing slash; undefined: as the request says. */
  readonly publicUrl: string | undefined;
  /** Processes that listen on one port. */
  readonly workers: number;
  /** HTTPS by itself; undefined: plain HTTP, or a proxy in front that ends TLS. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Whether a request that came by plain HTTP, to us or to the proxy in front, is refused. */
  readonly httpsOnly: boolean;
  /** Values of `Host` that are answered, with a port or for any; undefined: all. */
  readonly trustedHosts: readonly string[] | undefined;
  /** Browsers on these origins may call. */
  readonly corsOrigins: readonly string[];
  /** From SIGTERM until connections are refused; readiness says no meanwhile. */
  readonly drainDelayMs: number;
  /** Whether requests beyond what can be answered in time get 503. */
  readonly shedding: boolean;
  readonly database: {
    /** Undefined: the embedded server. */
    readonly url: string | undefined;
    /** Past a pooler in transaction mode, for what needs a session of its own; undefined: `url`. */
    readonly directUrl: string | undefined;
    /** Streaming replicas, for reads that allow lag. */
    readonly replicaUrls: readonly string[];
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
  /** Undefined: a single instance, nothing is shared. `url` names nodes of a cluster, comma separated. */
  readonly redis: { readonly url: string; readonly isCluster: boolean } | undefined;
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
  /** Where metrics and status are served without a token, and there alone. */
  readonly metricsPort: number | undefined;
  /** Requests per second that this process sustains, as its operator measured them. */
  readonly capacityRps: number | undefined;
  /** Undefined: nothing is traced, and nothing for it loaded. */
  readonly tracing: { readonly endpoint: string; readonly serviceName: string; readonly sampled: number } | undefined;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty' };
}

/** Start-up stops with this: it names every wrong variable, and no value. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the configuration is wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
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
    workers: read(VARIABLES.workers),
    tls: tlsOf(read(VARIABLES.tlsCertFile), read(VARIABLES.tlsKeyFile), faults),
    httpsOnly: read(VARIABLES.httpsOnly),
    trustedHosts: read(VARIABLES.trustedHosts),
    corsOrigins: read(VARIABLES.corsOrigins) ?? [],
    drainDelayMs: read(VARIABLES.drainDelayMs),
    shedding: read(VARIABLES.shedding),
    database: {
      url: read(VARIABLES.databaseUrl),
      directUrl: read(VARIABLES.databaseDirectUrl),
      replicaUrls: read(VARIABLES.databaseReplicaUrls) ?? [],
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
    redis: redisOf(read(VARIABLES.redisUrl), read(VARIABLES.redisCluster), faults),
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
    metricsPort: read(VARIABLES.metricsPort),
    capacityRps: read(VARIABLES.capacityRps),
    tracing: tracingOf(read(VARIABLES.otlpEndpoint), {
      serviceName: read(VARIABLES.otelServiceName),
      sampled: read(VARIABLES.otelSampled),
    }),
    serverTiming: read(VARIABLES.serverTiming),
    log: { level: read(VARIABLES.logLevel), format: read(VARIABLES.logFormat) },
  };
  faults.push(...withoutDatabase(config.database));
  if (config.workers > 1 && config.redis === undefined) {
    faults.push('WORKERS needs REDIS_URL for more than one process: they share limits and cached answers there');
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return freeze(config);
}

/** Both files or none. */
function tlsOf(certFile: string | undefined, keyFile: string | undefined, faults: string[]): AppConfig['tls'] {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== undefined) faults.push('TLS_KEY_FILE is required with TLS_CERT_FILE');
  if (keyFile !== undefined) faults.push('TLS_CERT_FILE is required with TLS_KEY_FILE');
  return undefined;
}

/** The embedded server has nobody in front of it, and nobody behind. */
function withoutDatabase({ url, directUrl, replicaUrls }: AppConfig['database']): string[] {
  if (url !== undefined) return [];
  const names = [directUrl !== undefined && 'DATABASE_DIRECT_URL', replicaUrls.length > 0 && 'DATABASE_REPLICA_URLS'];
  return names.filter((name) => name !== false).map((name) => `DATABASE_URL is required with ${name}`);
}

/** Several nodes are those of a cluster. */
function redisOf(urls: readonly string[] | undefined, isCluster: boolean, faults: string[]): AppConfig['redis'] {
  if (urls && urls.length > 1 && !isCluster) faults.push('REDIS_URL expects one URL unless REDIS_CLUSTER is on');
  return urls && { url: urls.join(), isCluster };
}

function tracingOf(
  endpoint: string | undefined,
  settings: Omit<NonNullable<AppConfig['tracing']>, 'endpoint'>,
): AppConfig['tracing'] {
  return endpoint === undefined ? undefined : { endpoint, ...settings };
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (isPlain(member)) freeze(member);
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
