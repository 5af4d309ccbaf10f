import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessModule, JwtGuard, OwnerRuleInterceptor, RolesGuard, type SigningKeys } from '@app/auth';
import { DatabaseModule, databaseProblem } from '@app/database';
import { LoggingInterceptor } from '@app/logging';
import { ProblemFilter, RequestValidationPipe } from '@app/problem';
import {
  AcceptInterceptor,
  BodyInterceptor,
  RepresentationInterceptor,
  RestModule,
  UndeclaredQueryInterceptor,
} from '@app/rest';
import { MIGRATIONS } from '../migrations/index.js';
import type { AppConfig } from './app.config.js';
import { AnalyticsModule } from './analytics/index.js';
import { AuthModule } from './auth/index.js';
import { ENTITIES } from './app.entities.js';
import { OperationsModule } from './operations/index.js';
import { OrdersModule } from './orders/index.js';
import { ROLES, UsersModule } from './users/index.js';

/** What is known only once the process has begun to start. */
export interface AppResources {
  readonly databaseUrl: string;
  readonly keys: SigningKeys;
}

export const API_PREFIX = '/api/v1';

@Module({})
export class AppModule {
  static forRoot(config: AppConfig, { databaseUrl, keys }: AppResources): DynamicModule {
    const { issuer, audience } = config.jwt;
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(databaseSettings(config, databaseUrl)),
        AccessModule.forRoot({ keys, issuer, audience, roles: ROLES }),
        RestModule.forRoot({
          prefix: API_PREFIX,
          bodyLimitBytes: config.bodyLimitBytes,
          cursorKeys: keys.derive('cursors'),
        }),
        UsersModule,
        AuthModule,
        OrdersModule,
        AnalyticsModule,
        OperationsModule,
      ],
      providers: [
        // In the order in which a request meets them.
        { provide: APP_GUARD, useClass: JwtGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_INTERCEPTOR, useClass: LoggingInterceptor },
        { provide: APP_INTERCEPTOR, useClass: AcceptInterceptor },
        { provide: APP_INTERCEPTOR, useClass: BodyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: UndeclaredQueryInterceptor },
        { provide: APP_INTERCEPTOR, useClass: RepresentationInterceptor },
        { provide: APP_INTERCEPTOR, useClass: OwnerRuleInterceptor },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter([databaseProblem]) },
      ],
    };
  }
}

/** Also for the schema migration, which runs without the application. */
export function databaseSettings(config: AppConfig, url: string) {
  const { poolMax, statementTimeoutMs, migrate } = config.database;
  return {
    url,
    poolMax,
    statementTimeoutMs,
    migrate,
    applicationName: 'plinth-api',
    entities: ENTITIES,
    migrations: MIGRATIONS,
  };
}
