import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureLogging } from '@app/logging';
import { SigningKeys } from '@app/auth';
import { DataSource } from 'typeorm';
import { type AppConfig, parseConfig } from '../../apps/api/src/app.config.js';
import { openApiDocument } from '../../apps/api/src/app.openapi.js';
import { createApp } from '../../apps/api/src/create-app.js';
import { ApiClient } from './api-client.js';
import { Contract } from './contract.js';
import { Factory } from './factory.js';
import { LogCapture } from './log-capture.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** 256 bits each; the second is the one that is on its way out. */
export const TEST_KEYS =
  'k2=iq2v5MzRYZZbxB3y7V1tYb9tq8Jf7mW0cXo3nQkLdE4,k1=Zr8KfM0yTq1nVd3uXw6pLh5sGc2bEa9jRi7oNtYvHk0';

/** Tests ask more often in a minute than anybody may. */
export const UNLIMITED = { RATE_LIMIT_MAX: '1000000', RATE_LIMIT_ADDRESS_MAX: '1000000', LOGIN_MAX_FAILURES: '1000' };

/** Production, as far as a test can be that: it is asked by address, and nothing in front of it has to notice its end. */
export const PRODUCTION = { NODE_ENV: 'production', TRUSTED_HOSTS: '127.0.0.1', DRAIN_DELAY_MS: '0' };

/** The application on a port and a database of its own, as it would run, with a log that is listened to. */
export class TestApp {
  private constructor(
    readonly app: NestExpressApplication,
    readonly database: TestDatabase,
    readonly log: LogCapture,
    readonly client: ApiClient,
    readonly factory: Factory,
  ) {}

  /** @param environment variables over the defaults of the tests. */
  static async start(environment: Readonly<Record<string, string>> = {}, shared?: TestDatabase): Promise<TestApp> {
    const database = shared ?? (await createTestDatabase());
    const log = new LogCapture();
    await configureLogging({ level: 'debug', format: 'json', stream: log });
    const config: AppConfig = parseConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      JWT_KEYS: TEST_KEYS,
      ...UNLIMITED,
      JOBS: 'off',
      SHEDDING: 'off', // a busy machine is no fault of what is tested
      ...environment,
    });
    const app = await createApp(config, {
      databaseUrl: database.url,
      keys: config.jwt.keys ?? SigningKeys.parse(TEST_KEYS),
    });
    await app.listen(0, '127.0.0.1');
    const client = new ApiClient(await app.getUrl(), new Contract(openApiDocument(app)), log);
    return new TestApp(app, database, log, client, new Factory(app));
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  /** @throws Error when a secret that this file used stands in the log. */
  async stop(): Promise<void> {
    await this.app.close();
    await this.database.drop();
    this.log.assertNoSecrets();
  }
}
