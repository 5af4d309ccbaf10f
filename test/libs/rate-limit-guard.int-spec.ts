import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type ExecutionContext, Get, type INestApplication, Module, UseGuards } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { configureLogging } from '@app/logging';
import { ProblemFilter } from '@app/problem';
import { RedisModule } from '@app/redis';
import { RateLimitGuard, RateLimitStore, RateLimitWeight, ThrottlingModule } from '@app/throttling';
import { limitOf } from '../support/limits.js';

const MINUTE_MS = 60_000;

@Controller()
class ProbeController {
  @Get('plain')
  plain() {}

  @Get('also-plain')
  alsoPlain() {}

  @Get('dear')
  @RateLimitWeight(3)
  dear() {}

  @Get('dearest')
  @RateLimitWeight(99)
  dearest() {}

  @Get('own')
  @Throttle({ default: { limit: 2, ttl: 2 * MINUTE_MS } })
  own() {}

  @Get('also-own')
  @Throttle({ default: { limit: 2, ttl: MINUTE_MS } })
  alsoOwn() {}

  @Get('skipped')
  @SkipThrottle()
  skipped() {}

  @Get('skipped-by-name')
  @SkipThrottle({ default: true })
  skippedByName() {}

  @Get('skipped-if')
  skippedIf() {}

  @Get('computed')
  @Throttle({ default: { limit: (context) => Number(queryOf(context, 'limit')), ttl: () => Promise.resolve(30_000) } })
  computed() {}

  @Get('blocked')
  @Throttle({ default: { limit: 1, ttl: MINUTE_MS, blockDuration: 5 * MINUTE_MS } })
  blocked() {}

  @Get('sliding')
  @Throttle({ default: { limit: 1, ttl: MINUTE_MS } })
  sliding() {}

  @Get('by-key')
  @Throttle({ default: { limit: 2, ttl: MINUTE_MS, getTracker: (request) => String(request['query'].key) } })
  byKey() {}

  @Get('shared')
  @Throttle({ default: { limit: 2, ttl: MINUTE_MS, generateKey: () => 'one for all' } })
  shared() {}

  @Get('stock')
  @SkipThrottle({ default: true })
  stock() {}
}

@Controller('throttled')
@Throttle({ default: { limit: 3, ttl: MINUTE_MS } })
class ThrottledController {
  @Get('one')
  one() {}

  @Get('two')
  two() {}

  @Get('open')
  @SkipThrottle()
  open() {}
}

@Controller('skipped-class')
@SkipThrottle()
class SkippedController {
  @Get('one')
  one() {}

  @Get('counted')
  @SkipThrottle({ default: false })
  counted() {}
}

@Controller('with-the-guard-of-the-package')
@UseGuards(ThrottlerGuard)
class StockController {
  @Get()
  get() {}
}

function queryOf(context: ExecutionContext, name: string): string {
  return context.switchToHttp().getRequest<{ query: Record<string, string> }>().query[name] ?? '';
}

const SETTINGS = {
  windowS: 60,
  max: 5,
  addressMax: 1_000,
  uncounted: /^\/none$/,
  attempts: { maxFailures: 5, windowS: 900 },
};

const skipIf = (context: ExecutionContext) => context.getHandler() === ProbeController.prototype.skippedIf;
const throttlers = [{ name: 'default', limit: SETTINGS.max, ttl: MINUTE_MS, skipIf }];

@Module({
  imports: [RedisModule.forRoot({ url: undefined }), ThrottlingModule.forRoot(SETTINGS)],
  controllers: [ProbeController, ThrottledController, SkippedController],
  providers: [
    { provide: APP_GUARD, inject: [RateLimitStore], useFactory: (store) => new RateLimitGuard({ throttlers }, store) },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter() },
  ],
})
class ProbeModule {}

@Module({
  imports: [RedisModule.forRoot({ url: undefined }), ThrottlingModule.forRoot({ ...SETTINGS, max: 2 })],
  controllers: [StockController],
})
class StockModule {}

let app: INestApplication;
let url: string;

async function start(module: new () => object): Promise<void> {
  await configureLogging({ level: 'silent', format: 'json' });
  app = await NestFactory.create(module, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}

async function get(path: string): Promise<{ status: number; headers: Record<string, string> }> {
  const response = await fetch(`${url}/${path}`);
  await response.arrayBuffer();
  return { status: response.status, headers: Object.fromEntries(response.headers) };
}

async function statuses(...paths: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const path of paths) found.push((await get(path)).status);
  return found;
}

describe('the guard, and the decorators of @nestjs/throttler', () => {
  beforeAll(() => start(ProbeModule));
  afterAll(() => app.close());
  beforeEach(() => app.get(RateLimitStore).clear('{a:127.0.0.1}:default'));

  it('routes without a decorator → one budget together', async () => {
    expect(await statuses('plain', 'also-plain', 'plain', 'also-plain', 'plain')).toEqual(Array(5).fill(200));
    expect(await statuses('plain', 'also-plain')).toEqual([429, 429]);
  });

  it('@RateLimitWeight → counts for so many, or not at all', async () => {
    const first = await get('dear');
    expect([first.status, limitOf(first).remaining]).toEqual([200, 2]);
    const second = await get('dear');
    expect([second.status, limitOf(second).remaining, second.headers['retry-after']]).toEqual([429, 2, '60']);
    expect(limitOf(await get('plain')).remaining).toBe(1);
  });

  it('@RateLimitWeight above the limit → empties the budget', async () => {
    expect(limitOf(await get('dearest')).remaining).toBe(0);
    expect(await statuses('dearest', 'plain')).toEqual([429, 429]);
  });

  it.each([0, -1, 1.5, Number.NaN])('@RateLimitWeight(%p) → refused where it is written', (weight) => {
    expect(() => RateLimitWeight(weight)).toThrow(RangeError);
  });

  it('@Throttle on a route → a bucket and a policy of its own, and none of the common budget', async () => {
    const first = await get('own');
    expect(limitOf(first)).toMatchObject({ policy: 'default', quota: 2, windowS: 120, remaining: 1 });
    expect(await statuses('own', 'own', 'also-own', 'also-own', 'also-own')).toEqual([200, 429, 200, 200, 429]);
    expect(limitOf(await get('plain')).remaining).toBe(4);
  });

  it('@Throttle on a class → a bucket for each of its routes', async () => {
    expect(await statuses(...Array<string>(4).fill('throttled/one'))).toEqual([200, 200, 200, 429]);
    expect((await get('throttled/two')).status).toBe(200);
  });

  it.each(['skipped', 'skipped-by-name', 'skipped-if', 'throttled/open', 'skipped-class/one'])(
    '%s → not counted, without headers',
    async (path) => {
      const replies = [await get(path), ...(await Promise.all(Array.from({ length: 8 }, () => get(path))))];
      expect(replies.map(({ status }) => status)).toEqual(Array(9).fill(200));
      expect(replies[0]?.headers['ratelimit']).toBeUndefined();
      expect(limitOf(await get('plain')).remaining).toBe(4);
    },
  );

  it('@SkipThrottle({ default: false }) in a skipped class → counted', async () => {
    expect(limitOf(await get('skipped-class/counted')).remaining).toBe(4);
  });

  it('limit and ttl as functions → asked for each request', async () => {
    expect(limitOf(await get('computed?limit=7'))).toMatchObject({ quota: 7, windowS: 30, remaining: 6 });
    expect(limitOf(await get('computed?limit=3'))).toMatchObject({ quota: 3, remaining: 1 });
  });

  it('blockDuration → denied for so long; without it, until the window has room', async () => {
    expect(await statuses('blocked', 'sliding')).toEqual([200, 200]);
    const [blocked, slid] = [await get('blocked'), await get('sliding')];
    expect([blocked.status, blocked.headers['retry-after']]).toEqual([429, '300']);
    expect([slid.status, slid.headers['retry-after']]).toEqual([429, '60']);
  });

  it('getTracker and generateKey → say whose bucket it is', async () => {
    expect(await statuses('by-key?key=a', 'by-key?key=a', 'by-key?key=a', 'by-key?key=b')).toEqual([
      200, 200, 429, 200,
    ]);
    expect(await statuses('shared', 'shared', 'shared')).toEqual([200, 200, 429]);
  });
});

describe('the guard of the package on our store', () => {
  beforeAll(() => start(StockModule));
  afterAll(() => app.close());

  it('more requests than allowed → counted down, then 429', async () => {
    const path = 'with-the-guard-of-the-package';
    const replies = [await get(path), await get(path), await get(path)];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(replies.map(({ headers }) => headers['x-ratelimit-remaining'])).toEqual(['1', '0', undefined]);
    expect(replies[2]?.headers['retry-after']).toBe('60');
  });
});
