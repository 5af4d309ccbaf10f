import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Global, type INestApplication, Module, Param, Post, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import {
  AccessModule,
  type Caller,
  CurrentUser,
  JwtGuard,
  OwnerOr,
  Public,
  Roles,
  RolesGuard,
  SessionDirectory,
  SigningKeys,
} from '@app/auth';
import { configureLogging } from '@app/logging';
import { ProblemFilter } from '@app/problem';
import { AppModule } from '../../apps/api/src/app.module.js';
import { parseConfig } from '../../apps/api/src/app.config.js';
import { LogCapture } from '../support/log-capture.js';
import { TEST_KEYS } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

const keys = SigningKeys.parse(TEST_KEYS);

@Global()
@Module({ providers: [{ provide: SessionDirectory, useValue: { isLive: () => true } }], exports: [SessionDirectory] })
class SessionsModule {}

@Controller('widgets')
class UnruledController {
  @Get(':id')
  readWidget(): object {
    return {};
  }

  @Post()
  @Public()
  makeWidget(): object {
    return {};
  }
}

@Controller('gadgets')
class UnknownRoleController {
  @Get()
  @Roles('admin', 'emperor')
  listGadgets(): object {
    return {};
  }

  @Get(':id/parts')
  @OwnerOr('emperor')
  listParts(): object {
    return {};
  }
}

class Inherited {
  @Get('inherited')
  readInherited(): object {
    return {};
  }
}

@Controller('heirs')
class HeirController extends Inherited {}

@Controller('things')
class ThingsController {
  @Get('public')
  @Public()
  readPublic(): object {
    return { public: true };
  }

  @Get('analysts')
  @Roles('analyst', 'admin')
  readForAnalysts(): object {
    return { analysts: true };
  }

  @Get('forgotten')
  @OwnerOr('admin')
  readForgotten(): object {
    return { secret: 'of somebody' };
  }

  @Get('owned/:owner')
  @OwnerOr('admin')
  readOwned(@Param('owner') owner: string, @CurrentUser() caller: Caller): object {
    return { allowed: caller.mayAccess(owner) };
  }

  @Get('nobody')
  @Public()
  readCallerOnPublic(@CurrentUser() caller: Caller): object {
    return { id: caller.id };
  }
}

/** An application with these controllers, guarded as ours is. */
async function start(...controllers: Type[]): Promise<INestApplication> {
  const access = { keys, issuer: 'plinth', audience: 'plinth-api', roles: ['customer', 'analyst', 'admin'] };
  const providers = [
    { provide: APP_GUARD, useClass: JwtGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter() },
  ];
  const imports = [SessionsModule, AccessModule.forRoot(access)];
  const app = await NestFactory.create(
    { module: class {}, imports, controllers, providers },
    { logger: false, abortOnError: false },
  );
  await app.listen(0, '127.0.0.1');
  return app;
}

const log = new LogCapture();
beforeAll(() => configureLogging({ level: 'info', format: 'json', stream: log }));

describe('an application with a route that', () => {
  it.each<[string, Type[], RegExp]>([
    ['has no rule', [UnruledController], /GET \/widgets\/:id \(UnruledController\.readWidget\)$/],
    [
      'names an unknown role',
      [UnknownRoleController],
      /GET \/gadgets \(UnknownRoleController\.listGadgets\), GET \/gadgets\/:id\/parts \(/,
    ],
    ['is inherited without a rule', [HeirController], /GET \/heirs\/inherited \(HeirController\.readInherited\)$/],
    ['has no rule, beside good ones', [ThingsController, UnruledController], /known roles: GET \/widgets\/:id \(/],
  ])('%s → does not boot, and names it', async (_situation, controllers, message) => {
    await expect(start(...controllers).then((app) => app.close())).rejects.toThrow(message);
  });

  it('has no rule, in the real application → does not boot', async () => {
    const database = await createTestDatabase();
    const config = parseConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, JWT_KEYS: TEST_KEYS });
    const imports = [AppModule.forRoot(config, { databaseUrl: database.url, keys })];
    const options = { logger: false, abortOnError: false } as const;
    const app = await NestFactory.create({ module: class {}, imports, controllers: [UnruledController] }, options);
    await expect(app.init()).rejects.toThrow(/known roles: GET \/widgets\/:id \(UnruledController\.readWidget\)$/);
    await app.close();
    await database.drop();
  });
});

describe('a route by its rule', () => {
  let app: INestApplication | undefined;
  beforeAll(async () => {
    app = await start(ThingsController);
  });
  afterAll(() => app?.close());

  async function call(path: string, ...roles: string[]): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = await app?.get(JwtService).signAsync({ sid: 's', roles }, { subject: 'me', expiresIn: 60 });
    const headers: Record<string, string> = roles.length > 0 ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${await app?.getUrl()}/things/${path}`, { headers });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  it.each<[string, string, string[], number, object]>([
    ['@Public, nobody', 'public', [], 200, { public: true }],
    ['@Roles, nobody', 'analysts', [], 401, { code: 'auth.token_missing' }],
    ['@Roles, a customer', 'analysts', ['customer'], 403, { code: 'auth.forbidden' }],
    ['@Roles, an analyst', 'analysts', ['customer', 'analyst'], 200, { analysts: true }],
    ['@Roles, the other of the roles', 'analysts', ['customer', 'admin'], 200, { analysts: true }],
    ['@OwnerOr, nobody', 'owned/me', [], 401, { code: 'auth.token_missing' }],
    ['@OwnerOr, the owner', 'owned/me', ['customer'], 200, { allowed: true }],
    ['@OwnerOr, a stranger', 'owned/you', ['customer'], 200, { allowed: false }],
    ['@OwnerOr, a stranger with another role', 'owned/you', ['customer', 'analyst'], 200, { allowed: false }],
    ['@OwnerOr, the role that it names', 'owned/you', ['customer', 'admin'], 200, { allowed: true }],
  ])('%s', async (_situation, path, roles, status, body) => {
    expect(await call(path, ...roles)).toMatchObject({ status, body });
  });

  it.each(['customer', 'admin'])(
    '@OwnerOr without the question of mayAccess, a %s → 500 and never the body',
    async (role) => {
      const { status, body } = await call('forgotten', role);
      expect([status, body['code']]).toEqual([500, 'server.internal']);
      expect(JSON.stringify(body)).not.toMatch(/secret|somebody|mayAccess/);
      expect(log.lines().at(-1)).toMatchObject({
        level: 'error',
        error: { message: 'readForgotten never asked caller.mayAccess()' },
      });
    },
  );

  it('@CurrentUser on a public route → 500: there is none', async () => {
    expect(await call('nobody', 'customer')).toMatchObject({ status: 500, body: { code: 'server.internal' } });
  });
});
