import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccessModule, SessionDirectory, SigningKeys } from '@app/auth';
import { DatabaseModule } from '@app/database';
import { configureLogging } from '@app/logging';
import { parseConfig } from '../../apps/api/src/app.config.js';
import { databaseSettings } from '../../apps/api/src/app.module.js';
import { ROLES } from '../../apps/api/src/users/index.js';

@Global()
@Module({
  providers: [{ provide: SessionDirectory, useValue: { isLive: () => true } }],
  exports: [SessionDirectory],
})
class AnySession {}

/** What a factory needs of an application: its data source and its keys. It is no instance: nobody hears or counts it. */
export async function dataAccess(url: string, keys: string): Promise<INestApplicationContext> {
  await configureLogging({ level: 'silent', format: 'json' });
  const config = parseConfig({ NODE_ENV: 'test', DATABASE_URL: url, DATABASE_POOL_MAX: '4' });
  const { issuer, audience } = config.jwt;
  const module = {
    module: class DataAccess {},
    imports: [
      AnySession,
      DatabaseModule.forRoot(databaseSettings(config, url)),
      AccessModule.forRoot({ keys: SigningKeys.parse(keys), issuer, audience, roles: ROLES }),
    ],
  };
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}
