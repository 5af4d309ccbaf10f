import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, Post, Res, type Type } from '@nestjs/common';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheInterceptor, CacheModule, CacheResult, InvalidatesCache } from '@app/cache';
import { newRequestContext, runInContext } from '@app/logging';
import { RedisModule } from '@app/redis';
import { TransactionsModule } from '../support/cache-instance.js';
import { Cleanups } from '../support/cleanups.js';

const cleanups = Cleanups.afterEach();
const RULE = { ttlMs: 60_000, scope: 'public', tags: () => [] } as const;

const CACHE = [
  TransactionsModule,
  RedisModule.forRoot({ url: undefined }),
  CacheModule.forRoot({ enabled: true, variantOf: () => '' }),
];

async function start(parts: { controllers?: Type[]; providers?: Type[] }): Promise<INestApplicationContext> {
  @Module({
    imports: CACHE,
    ...parts,
  })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  cleanups.add(() => app.close());
  return app;
}

/** What a program without types may give. */
function rule(members: object): Parameters<typeof CacheResult>[0] {
  return { ...RULE, ...members };
}

describe('rules that cannot work → the application does not start', () => {
  it.each([
    ['no scope', rule({ scope: undefined }), 'scope must be public or user'],
    ['an unknown scope', rule({ scope: 'tenant' }), 'scope must be public or user'],
    ['no time', rule({ ttlMs: undefined }), 'ttlMs'],
    ['a time of 0', rule({ ttlMs: 0 }), 'ttlMs'],
    ['a time without end', rule({ ttlMs: Infinity }), 'ttlMs'],
    ['a negative stale time', rule({ staleMs: -1 }), 'staleMs'],
    ['no tags', rule({ tags: undefined }), 'tags'],
  ])('%s', async (_situation, given, message) => {
    @Controller('things')
    class ThingsController {
      @Get()
      @CacheResult(given)
      list(): Promise<string> {
        return Promise.resolve('');
      }
    }
    @Injectable()
    class ThingsService {
      @CacheResult(given)
      list(): Promise<string> {
        return Promise.resolve('');
      }
    }
    await expect(start({ controllers: [ThingsController] })).rejects.toThrow(`ThingsController.list: ${message}`);
    await expect(start({ providers: [ThingsService] })).rejects.toThrow(`ThingsService.list: ${message}`);
  });

  it('on a route that is no GET, or touches the response itself', async () => {
    @Controller('things')
    class ThingsController {
      @Post()
      @CacheResult(RULE)
      create(): void {}

      @Get()
      @CacheResult(RULE)
      list(@Res() _response: unknown): void {}
    }
    await expect(start({ controllers: [ThingsController] })).rejects.toThrow(
      /ThingsController.create: only GET routes .*ThingsController.list: what a handler does to the response/,
    );
  });
});

describe('an invalidation on a route → the application does not start', () => {
  it('since what a route returns says nothing of the commit', async () => {
    @Controller('things')
    class ThingsController {
      @Post()
      @InvalidatesCache(() => [])
      create(): void {}
    }
    await expect(start({ controllers: [ThingsController] })).rejects.toThrow(/ThingsController.create: a route/);
  });
});

describe('a route of the caller', () => {
  it('nobody is signed in → is not kept', async () => {
    let calls = 0;
    @Controller('things')
    class ThingsController {
      @Get()
      @CacheResult({ ...RULE, scope: 'user' })
      list(): Promise<object> {
        calls += 1;
        return Promise.resolve({ calls });
      }
    }
    @Module({ imports: CACHE, controllers: [ThingsController], providers: [CacheInterceptor] })
    class Root {}
    const app = await NestFactory.create(Root, { logger: false });
    cleanups.add(() => app.close());
    app.useGlobalInterceptors(app.get(CacheInterceptor));
    await app.listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/things`;
    const replies = [await fetch(url), await fetch(url)];
    expect(replies.map(({ headers }) => headers.get('cache-status'))).toEqual([null, null]);
    expect(calls).toBe(2);
  });
});

describe('methods of services', () => {
  let loads = 0;

  @Injectable()
  class Sources {
    next(id: string): string {
      loads += 1;
      return `${id} ${loads}`;
    }
  }

  @Injectable()
  class ThingsService {
    constructor(private readonly sources: Sources) {}

    @CacheResult({ ...RULE, tags: (id: string) => [`thing:${id}`] })
    async find(id: string): Promise<string> {
      return this.sources.next(id);
    }

    @CacheResult({ ...RULE, scope: 'user', tags: (id: string) => [`thing:${id}`] })
    async mine(id: string): Promise<string> {
      return this.sources.next(id);
    }

    @InvalidatesCache((changed: { id: string }) => [`thing:${changed.id}`])
    async change(id: string): Promise<{ id: string }> {
      if (id === 'wrong') throw new Error('no');
      return { id };
    }
  }

  const providers = [Sources, ThingsService];
  afterEach(() => {
    loads = 0;
  });

  it('same arguments → called once, with its dependencies; others → on their own', async () => {
    const things = (await start({ providers })).get(ThingsService);
    expect([await things.find('a'), await things.find('a'), await things.find('b')]).toEqual(['a 1', 'a 1', 'b 2']);
  });

  it('after a change → called again for what has changed', async () => {
    const things = (await start({ providers })).get(ThingsService);
    await Promise.all([things.find('a'), things.find('b')]);
    await things.change('a');
    expect([await things.find('a'), await things.find('b')]).toEqual(['a 3', 'b 2']);
  });

  it('a change that fails → drops nothing', async () => {
    const things = (await start({ providers })).get(ThingsService);
    await things.find('wrong');
    await expect(things.change('wrong')).rejects.toThrow('no');
    expect(await things.find('wrong')).toBe('wrong 1');
  });

  it('of the caller → each has his own; nobody signed in → not kept', async () => {
    const things = (await start({ providers })).get(ThingsService);
    const as = (userId: string | null) =>
      runInContext({ ...newRequestContext('r'), userId, roles: [] }, () => things.mine('a'));
    expect([await as('u1'), await as('u2'), await as('u1')]).toEqual(['a 1', 'a 2', 'a 1']);
    expect([await as(null), await as(null), await things.mine('a')]).toEqual(['a 3', 'a 4', 'a 5']);
  });
});
