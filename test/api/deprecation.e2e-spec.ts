import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiTags } from '@nestjs/swagger';
import { Public, Roles, SigningKeys } from '@app/auth';
import { CacheResult } from '@app/cache';
import { createServer } from '@app/edge';
import { configureLogging, requestLog } from '@app/logging';
import { RequestInvalidError } from '@app/problem';
import { Deprecated, Operation, Page, RestAdapter } from '@app/rest';
import express from 'express';
import { register } from 'prom-client';
import { parseConfig } from '../../apps/api/src/app.config.js';
import { AppModule } from '../../apps/api/src/app.module.js';
import { openApiDocument } from '../../apps/api/src/app.openapi.js';
import { Factory } from '../support/factory.js';
import { LogCapture } from '../support/log-capture.js';
import { TEST_KEYS, UNLIMITED } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const GOES = { since: '2026-01-01', sunset: '2027-01-01T00:00:00Z', link: '/docs/things' };
const LINK = '</docs/things>; rel="deprecation"';
const SAID = ['@1767225600', 'Fri, 01 Jan 2027 00:00:00 GMT', LINK];
const NOTHING = [null, null, null];

@ApiTags('Operations')
@Controller('things')
class ThingsController {
  @Get('stays')
  @Public()
  @Operation({ summary: 'Stays', answer: [200, 'It.'] })
  stays(): object {
    return {};
  }

  @Get('goes')
  @Public()
  @Deprecated(GOES)
  @Operation({ summary: 'Goes', answer: [200, 'It.'] })
  goes(): object {
    return {};
  }

  @Get('pages')
  @Public()
  @Deprecated(GOES)
  @Operation({ summary: 'Pages', answer: [200, 'It.'] })
  pages(): Page<object> {
    return new Page([], { limit: 20, nextCursor: null, hasMore: false });
  }

  @Get('kept')
  @Roles('admin')
  @Deprecated(GOES)
  @CacheResult({ ttlMs: 60_000, scope: 'user', tags: () => ['things'] })
  @Operation({ summary: 'Kept', answer: [200, 'It.'] })
  kept(): object {
    return {};
  }

  @Get('refused')
  @Public()
  @Deprecated(GOES)
  @Operation({ summary: 'Refused', answer: [200, 'It.'] })
  refused(): object {
    throw new RequestInvalidError([]);
  }
}

let database: TestDatabase;
let app: INestApplication;
let factory: Factory;
const log = new LogCapture();
beforeAll(async () => {
  await configureLogging({ level: 'info', format: 'json', stream: log });
  database = await createTestDatabase();
  const variables = { NODE_ENV: 'test', DATABASE_URL: database.url, JWT_KEYS: TEST_KEYS, ...UNLIMITED };
  const resources = { databaseUrl: database.url, keys: SigningKeys.parse(TEST_KEYS) };
  const imports = [AppModule.forRoot(parseConfig(variables), resources)];
  const options = { logger: false, abortOnError: false } as const;
  const root = { module: class {}, imports, controllers: [ThingsController] };
  app = await NestFactory.create(root, new RestAdapter(express(), createServer), options);
  app.use(requestLog({ serverTiming: false }));
  await app.listen(0, '127.0.0.1');
  factory = new Factory(app);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${await app.getUrl()}/things/${path}`, { headers });
}

const said = ({ headers }: Response) => ['deprecation', 'sunset', 'link'].map((name) => headers.get(name));

describe('an answer of an operation that is @Deprecated()', () => {
  it('to one who is let in → since when, until when, and what instead', async () => {
    const reply = await get('goes');
    expect([reply.status, said(reply)]).toEqual([200, SAID]);
  });

  it('with a Link of its own → both', async () => {
    const [, , link] = said(await get('pages'));
    expect(link).toBe(`${LINK}, </things/pages>; rel="first"`);
  });

  it('that is an error, or 304, or to HEAD → the same', async () => {
    const refused = await get('refused');
    const first = await get('goes');
    const again = await get('goes', { 'If-None-Match': first.headers.get('etag') ?? '' });
    const head = await fetch(`${await app.getUrl()}/things/goes`, { method: 'HEAD' });
    expect([refused, again, head].map((reply) => [reply.status, said(reply)])).toEqual([
      [422, SAID],
      [304, SAID],
      [200, SAID],
    ]);
  });

  it('that comes from the cache → the same', async () => {
    const { token } = await factory.admin();
    const replies = [];
    for (let n = 0; n < 2; n += 1) replies.push(await get('kept', { Authorization: `Bearer ${token}` }));
    expect(replies.map(({ headers }) => headers.get('cache-status'))).toEqual([
      'plinth; fwd=uri-miss',
      'plinth; hit; detail=L1',
    ]);
    expect(replies.map(said)).toEqual([SAID, SAID]);
  });

  it('to one who is not let in, or of another operation → nothing', async () => {
    const { token } = await factory.signedIn();
    const replies = [await get('kept'), await get('kept', { Authorization: `Bearer ${token}` }), await get('stays')];
    expect(replies.map((reply) => [reply.status, said(reply)])).toEqual([
      [401, NOTHING],
      [403, NOTHING],
      [200, NOTHING],
    ]);
  });
});

describe('callers of a deprecated operation', () => {
  it('calls → are counted by operation', async () => {
    const counted = async (): Promise<number> => {
      const metric = await register.getSingleMetric('plinth_deprecated_requests_total')?.get();
      return metric?.values.find(({ labels }) => labels['operation'] === 'refused')?.value ?? 0;
    };
    const before = await counted();
    for (let n = 0; n < 3; n += 1) await get('refused');
    expect((await counted()) - before).toBe(3);
  });

  it('each caller → is named in the log once, whatever number of calls', async () => {
    const [one, two] = [await factory.admin(), await factory.admin()];
    for (const { token } of [one, two, one, two, one]) await get('kept', { Authorization: `Bearer ${token}` });
    const lines = log
      .lines()
      .filter(({ message, caller }) => /deprecated/.test(String(message)) && [one.id, two.id].includes(String(caller)));
    expect(lines.map(({ operation, caller, user_id }) => [operation, caller, user_id])).toEqual([
      ['kept', one.id, one.id],
      ['kept', two.id, two.id],
    ]);
  });

  it('nobody who is signed in → his address is named', async () => {
    await get('goes', { 'User-Agent': 'old-client/1.0' });
    const [line] = log
      .lines()
      .filter(({ message, operation }) => /deprecated/.test(String(message)) && operation === 'goes');
    expect(line).toMatchObject({ level: 'warn', caller: '127.0.0.1', user_agent: expect.any(String) });
  });
});

describe('the OpenAPI document', () => {
  it('an operation that will go → is marked, and its own answers have the headers', () => {
    const { paths } = openApiDocument(app);
    const [goes, stays] = [paths['/things/goes']?.get, paths['/things/stays']?.get];
    expect([goes?.deprecated, stays?.deprecated]).toEqual([true, undefined]);
    const names = (status: string) => Object.keys(Object(goes?.responses[status])['headers'] ?? {});
    for (const status of ['200', '304']) {
      expect(names(status)).toEqual(expect.arrayContaining(['Deprecation', 'Sunset', 'Link']));
    }
    expect(Object.keys(Object(stays?.responses['304'])['headers'])).not.toContain('Sunset');
    expect(JSON.stringify(goes)).not.toContain('"x-');
  });
});
