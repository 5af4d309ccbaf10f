import { type DynamicModule, type ExecutionContext, Module, type NestInterceptor } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessModule, JwtGuard, RolesGuard, type SigningKeys } from '@app/auth';
import { CacheInterceptor, CacheModule } from '@app/cache';
import { DatabaseModule, databaseProblem } from '@app/database';
import { EdgeModule } from '@app/edge';
import { JobsModule, queueSchema } from '@app/jobs';
import { LoggingInterceptor } from '@app/logging';
import { ProblemFilter, RequestValidationPipe } from '@app/problem';
import { RedisModule } from '@app/redis';
import { AcceptGuard, ExchangeInterceptor, InterceptorChain, prefers, RestModule, rowsAsked } from '@app/rest';
import { TelemetryModule, TracingModule } from '@app/telemetry';
import { RateLimitGuard, ThrottlingModule } from '@app/throttling';
import type { Request } from 'express';
import { MIGRATIONS } from '../migrations/index.js';
import type { AppConfig } from './app.config.js';
import { AnalyticsModule } from './analytics/index.js';
import { AuditModule } from './audit/index.js';
import { AuthModule } from './auth/index.js';
import { ENTITIES } from './app.entities.js';
import { OperationsModule } from './operations/index.js';
import { OrdersModule } from './orders/index.js';
import { ProcessingModule } from './processing/index.js';
import { UNCOUNTED_PATHS } from './uncounted-paths.js';
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
        TracingModule.forRoot(config.tracing),
        DatabaseModule.forRoot(databaseSettings(config, databaseUrl)),
        EdgeModule.forRoot({ delayMs: config.drainDelayMs }),
        RedisModule.forRoot(config.redis ?? { url: undefined }),
        TelemetryModule.forRoot({ capacityRps: config.capacityRps, unlisted: UNCOUNTED_PATHS }),
        ThrottlingModule.forRoot(limitSettings(config)),
        CacheModule.forRoot({ enabled: config.cache, variantOf }),
        AccessModule.forRoot({ keys, issuer, audience, roles: ROLES }),
        RestModule.forRoot({
          prefix: API_PREFIX,
          bodyLimitBytes: config.bodyLimitBytes,
          importLimitBytes: config.importLimitBytes,
          cursorKeys: keys.derive('cursors'),
          fingerprintKeys: keys.derive('fingerprints'),
        }),
        JobsModule.forRoot(jobSettings(config, databaseUrl)),
        AuditModule,
        UsersModule,
        AuthModule,
        OrdersModule,
        AnalyticsModule,
        ProcessingModule,
        OperationsModule.forRoot(metricsAccess(config)),
      ],
      providers: [
        LoggingInterceptor,
        CacheInterceptor,
        ExchangeInterceptor,
        // In the order in which a request meets them.
        { provide: APP_GUARD, useClass: JwtGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: AcceptGuard },
        {
          provide: APP_INTERCEPTOR,
          inject: [LoggingInterceptor, CacheInterceptor, ExchangeInterceptor],
          useFactory: (...links: NestInterceptor[]) => new InterceptorChain(links),
        },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter([databaseProblem]) },
      ],
    };
  }
}

/** A page with its total is another one than without; an export is no page, and too large to keep. */
function variantOf(context: ExecutionContext): string | undefined {
  if (rowsAsked(context)) return undefined;
  const { prefer } = context.switchToHttp().getRequest<Request>().headers;
  return prefers(String(prefer ?? ''), 'return', 'total-count') ? 'total' : '';
}

/** Also for the schema migration, which runs without the application. */
export function databaseSettings(config: AppConfig, url: string) {
  const { directUrl, replicaUrls, poolMax, statementTimeoutMs, migrate } = config.database;
  return {
    url,
    directUrl,
    replicaUrls,
    poolMax,
    statementTimeoutMs,
    migrate,
    applicationName: 'plinth-api',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    foreignSchemas: [queueSchema],
  };
}

function jobSettings({ database, jobs }: AppConfig, url: string) {
  return { databaseUrl: database.directUrl ?? url, takesJobs: jobs, path: `${API_PREFIX}/jobs` };
}

function metricsAccess({ isProduction, metricsToken: token, metricsPort: port, host: address }: AppConfig) {
  return { isOpen: !isProduction, token, port, address };
}

function limitSettings({ rateLimit, login }: AppConfig) {
  return { ...rateLimit, uncounted: UNCOUNTED_PATHS, attempts: login };
}
