import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiClient } from './api-client.js';
import type { Cleanups } from './cleanups.js';
import { Contract } from './contract.js';
import { dataAccess } from './data-access.js';
import { Factory } from './factory.js';
import { KEYS, ServerProcess } from './server-process.js';
import { UNLIMITED } from './test-app.js';
import { createTestDatabase } from './test-database.js';
import { ThrowAwayNginx } from './throw-away-nginx.js';
import { freePort, ThrowAwayRedis } from './throw-away-redis.js';

export interface ClusterOptions {
  readonly instances?: number;
  /** Variables over those that all instances of the tests have. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of the Redis server. */
  readonly redis?: readonly string[];
  /** Instead of a database of the run's own server. */
  readonly databaseUrl?: string;
}

/** One server process, on one port for all its lives. */
export class Instance {
  private constructor(
    readonly url: string,
    private readonly variables: Readonly<Record<string, string>>,
    private server: ServerProcess,
  ) {}

  static async start(variables: Readonly<Record<string, string>>): Promise<Instance> {
    const port = await freePort();
    const own = { ...variables, PORT: String(port) };
    return new Instance(`http://127.0.0.1:${port}`, own, ServerProcess.spawn({ variables: own }));
  }

  /** Of its present life. */
  get process(): ServerProcess {
    return this.server;
  }

  freeze(): void {
    this.server.signal('SIGSTOP');
  }

  thaw(): void {
    this.server.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** Told to end, it does. @returns how, and after how many milliseconds. */
  async stop(): Promise<{ readonly ending: string; readonly ms: number }> {
    const at = performance.now();
    this.server.signal('SIGTERM');
    return { ending: await this.server.ended(), ms: performance.now() - at };
  }

  /** After {@link kill} or {@link stop}. */
  async startAgain(): Promise<void> {
    this.server = ServerProcess.spawn({ variables: this.variables });
    await this.server.listening();
  }
}

/** Several instances on one PostgreSQL and one Redis, behind nginx. */
export class Cluster {
  private constructor(
    readonly instances: readonly Instance[],
    readonly redis: ThrowAwayRedis,
    readonly nginx: ThrowAwayNginx,
    /** Rows, users and tokens that all instances accept. */
    readonly factory: Factory,
    private readonly contract: Contract,
    readonly databaseUrl: string,
  ) {}

  static async start(
    cleanups: Cleanups,
    { instances: count = 3, environment = {}, redis: options = [], databaseUrl }: ClusterOptions = {},
  ): Promise<Cluster> {
    const url = databaseUrl ?? (await aDatabase(cleanups));
    const redis = await ThrowAwayRedis.start(...options);
    cleanups.add(() => redis.remove());
    const context = await dataAccess(url, KEYS);
    cleanups.add(() => context.close());
    const variables = { ...COMMON, DATABASE_URL: url, REDIS_URL: redis.url, ...environment };
    const instances = await Promise.all(Array.from({ length: count }, () => Instance.start(variables)));
    for (const instance of instances) cleanups.add(() => instance.kill());
    await Promise.all(instances.map(({ process }) => process.listening()));
    const nginx = await ThrowAwayNginx.start(instances.map((instance) => Number(new URL(instance.url).port)));
    cleanups.add(() => nginx.remove());
    return new Cluster(instances, redis, nginx, new Factory(context), await contractOf(instances), url);
  }

  /** Where nginx listens. */
  get url(): string {
    return this.nginx.url;
  }

  /** Through nginx, or past it to one instance. Every answer is held against the OpenAPI document. */
  client(instance?: number): ApiClient {
    const { process } = this.instance(instance ?? 0);
    return new ApiClient(instance === undefined ? this.url : this.instance(instance).url, this.contract, process.log);
  }

  clients(): readonly ApiClient[] {
    return this.instances.map((_, index) => this.client(index));
  }

  instance(index: number): Instance {
    const instance = this.instances[index];
    if (!instance) throw new Error(`there is no instance ${index}`);
    return instance;
  }

  /** @param series as the metrics have it: `plinth_redis_up`, `…_total{outcome="late"}`. @returns the sum over all instances. */
  async metric(series: string): Promise<number> {
    const pages = await Promise.all(this.instances.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const lines = pages.flatMap((page) => page.split('\n').filter((line) => line.startsWith(`${series} `)));
    return lines.reduce((sum, line) => sum + Number(line.slice(series.length)), 0);
  }

  /**
   * On a busy machine Redis sometimes needs more than the 50 ms that an instance gives it, and then each goes on alone for a
   * moment. What holds only while they share Redis is tried again when that happened meanwhile.
   *
   * @param work is told which attempt it is, to use things that no other has touched.
   */
  async sharing<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const before = this.said(AWAY_LINE).length;
      const result = await work(attempt);
      if (attempt === ATTEMPTS || this.said(AWAY_LINE).length === before) return result;
    }
  }

  /** Lines that all instances together have written with this message, in their present lives. */
  said(message: string): Record<string, unknown>[] {
    return this.instances.flatMap(({ process }) => process.said(message));
  }
}

/** Said once by an instance that goes on without Redis. */
export const AWAY_LINE = 'redis is away: cache and limits go on in the memory of each instance';
const ATTEMPTS = 3;

const COMMON = {
  NODE_ENV: 'test',
  JWT_KEYS: KEYS,
  TRUST_PROXY: '1',
  DEMO_DATA: 'false',
  SHEDDING: 'off', // a busy machine is no fault of what is tested
  ...UNLIMITED,
};

async function aDatabase(cleanups: Cleanups): Promise<string> {
  const database = await createTestDatabase();
  cleanups.add(() => database.drop());
  return database.url;
}

async function contractOf([first]: readonly Instance[]): Promise<Contract> {
  if (!first) throw new Error('a cluster has one instance at least');
  const answer = await fetch(`${first.url}/openapi.json`);
  const document: OpenAPIObject = JSON.parse(await answer.text());
  return new Contract(document);
}
