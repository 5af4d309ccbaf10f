import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { Collector } from '../support/collector.js';
import { HeldLock } from '../support/held-lock.js';
import { describeWith } from '../support/installed.js';
import type { ExportedSpan } from '../support/otlp.js';
import { aRow, ndjson } from '../support/imports.js';
import { KEYS, type ServerCommand, ServerProcess } from '../support/server-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const WORKER = 'dist/apps/api/src/worker.js';
const HOOK = path.resolve('test/support/loaded-modules-hook.mjs');
const ADMIN = { username: 'admin@example.com', password: 'plinth-demo-password' };
/** For tests that start a process of their own. */
const LIMIT_MS = 60_000;
const AWAY = 'the collector of traces does not answer: spans are lost';
const BACK = 'the collector of traces answers again';

const newTraceId = () => randomBytes(16).toString('hex');
const named = (spans: readonly ExportedSpan[], name: string) => spans.filter((span) => span.name === name);

/** How many spans the collector did not take. */
async function lostBy(server: ServerProcess): Promise<number> {
  const answer = await fetch(`${await server.listening()}/metrics`);
  return Number(/^plinth_spans_total\{outcome="lost"\} (\d+)$/m.exec(await answer.text())?.[1] ?? 0);
}

describeWith('redis-server')('a server and a worker that trace', () => {
  const forAll = Cleanups.afterAll();
  const cleanups = Cleanups.afterEach();
  let database: TestDatabase;
  let redis: ThrowAwayRedis;
  let collector: Collector;
  let server: ServerProcess;
  let worker: ServerProcess;
  let client: Awaited<ReturnType<ServerProcess['client']>>;
  let as = '';
  let userId = '';

  beforeAll(async () => {
    database = await createTestDatabase();
    forAll.add(() => database.drop());
    redis = await ThrowAwayRedis.start();
    forAll.add(() => redis.remove());
    collector = await Collector.start();
    forAll.add(() => collector.stop());
    server = aProcess(forAll, { DEMO_DATA: 'true', JOBS: 'off' });
    client = await server.client();
    worker = aProcess(forAll, {}, { entry: WORKER });
    await worker.says('working');
    const reply = await client.post('/auth/token', { body: { grant_type: 'password', ...ADMIN } });
    as = reply.body.access_token;
    userId = (await client.get('/users/me', { as })).body.id;
  });
  afterEach(() => collector.thaw());

  function aProcess(of: Cleanups, variables: Record<string, string>, more: Partial<ServerCommand> = {}): ServerProcess {
    const common = { DATABASE_URL: database.url, REDIS_URL: redis.url, JWT_KEYS: KEYS, DEMO_DATA: 'false' };
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'shop' };
    // Small enough that each request is counted in Redis.
    const limits = { RATE_LIMIT_MAX: '1900', RATE_LIMIT_ADDRESS_MAX: '1900', DRAIN_DELAY_MS: '0' };
    const started = ServerProcess.spawn({ variables: { ...common, ...tracing, ...limits, ...variables }, ...more });
    of.add(() => started.kill());
    return started;
  }

  const read = (traceId: string, target = `/users/${userId}`, of = client): Promise<Reply> =>
    of.get(target, { as, headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: 'shop=1' } });

  it('a request that asks for a job → one tree from the caller to the statements of the worker', async () => {
    const traceId = newTraceId();
    const reply = await client.post('/process?type=orders.import', {
      as,
      body: ndjson([aRow('traced-1', ADMIN.username)]),
      headers: {
        'Content-Type': 'application/x-ndjson',
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
        tracestate: 'shop=1',
      },
    });
    expect(reply.status).toBe(202);
    const spans = await collector.of(traceId, (all) => named(all, 'process orders.import').length > 0);
    const [request] = named(spans, 'POST /api/v1/process');
    const [sent] = named(spans, 'send orders.import');
    const [job] = named(spans, 'process orders.import');
    expect(request).toMatchObject({ parentId: '00f067aa0ba902b7', kind: 'server', service: 'shop', state: 'shop=1' });
    expect(sent).toMatchObject({ parentId: request?.spanId, kind: 'producer', state: 'shop=1' });
    expect(job).toMatchObject({ parentId: sent?.spanId, kind: 'consumer', state: 'shop=1', isError: false });
    const under = (parent: ExportedSpan | undefined, system: string) =>
      spans.filter((span) => span.parentId === parent?.spanId && span.attributes['db.system.name'] === system);
    expect(under(request, 'postgresql').length).toBeGreaterThan(2);
    expect(under(request, 'redis').length).toBeGreaterThan(0);
    expect(under(job, 'postgresql').map((span) => span.name)).toContainEqual(expect.stringMatching(/^INSERT test_/));
    const known = new Set(['00f067aa0ba902b7', ...spans.map((span) => span.spanId)]);
    expect(spans.filter((span) => !known.has(span.parentId))).toEqual([]);
    expect(spans.filter((span) => span.endedAt < span.startedAt)).toEqual([]);

    await worker.says('job');
    const lines = [...server.log.of(reply.headers['x-request-id']), ...worker.log.of(reply.headers['x-request-id'])];
    const idsOf = (line: Record<string, unknown>) => ({ trace_id: line['trace_id'], span_id: line['span_id'] });
    expect(lines.find(({ message }) => message === 'request')).toMatchObject({
      trace_id: traceId,
      span_id: request?.spanId,
    });
    expect(lines.find(({ message }) => message === 'job')).toMatchObject({ trace_id: traceId, span_id: job?.spanId });
    expect(lines.map(idsOf).every(({ trace_id }) => trace_id === traceId)).toBe(true);
  });

  it('attributes → as the semantic conventions name them, and no values', async () => {
    const traceId = newTraceId();
    const reply = await read(traceId, `/users?email=${ADMIN.username}`);
    expect(reply.status).toBe(200);
    const spans = await collector.of(traceId, (all) => all.some(({ kind }) => kind === 'server'));
    expect(named(spans, 'GET /api/v1/users')[0]?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/api/v1/users',
      'http.response.status_code': 200,
      'url.path': '/api/v1/users',
      'url.scheme': 'http',
      'plinth.request_id': reply.headers['x-request-id'],
    });
    const select = spans.find(({ name }) => name.startsWith('SELECT'));
    expect(select).toMatchObject({
      kind: 'client',
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': new URL(database.url).pathname.slice(1),
        'db.operation.name': 'SELECT',
        'db.query.text': expect.stringContaining('$1'),
        'server.port': Number(new URL(database.url).port),
      },
    });
    const redisSpan = spans.find(({ attributes }) => attributes['db.system.name'] === 'redis');
    expect(redisSpan?.attributes).toEqual({
      'db.system.name': 'redis',
      'db.operation.name': redisSpan?.name,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(redis.url).port),
    });
  });

  it('passwords, tokens, addresses → in no span, whatever is asked', async () => {
    const trace = newTraceId();
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    const email = 'zebra.quagga@example.com';
    const body = { name: 'Okapi', email, password: 'Zebra-Quagga-Okapi' };
    expect((await client.post('/users', { body, headers: { traceparent } })).status).toBe(201);
    await client.post('/users', { body, headers: { traceparent } });
    const login = { grant_type: 'password', username: email, password: body.password };
    const token = (await client.post('/auth/token', { body: login, headers: { traceparent } })).body;
    await client.get('/users/me?token=Zebra', { as: token.access_token, headers: { traceparent } });
    const spans = await collector.of(trace, (all) => named(all, 'GET /api/v1/users/me').length > 0);
    const text = JSON.stringify(spans, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    expect(named(spans, 'POST /api/v1/users').map(({ attributes }) => attributes['http.response.status_code'])).toEqual(
      [201, 409],
    );
    expect(text).not.toMatch(/Zebra|Quagga|Okapi|argon2|Bearer/i);
    for (const secret of [token.access_token, token.refresh_token, as]) expect(text).not.toContain(secret);
  });

  it('50 requests at once → each has its own spans, and nobody else’s', async () => {
    const traceIds = Array.from({ length: 50 }, newTraceId);
    await Promise.all(traceIds.map((traceId) => read(traceId, `/users/${userId}/orders`)));
    await until(() =>
      traceIds.every((id) => collector.spans.some((span) => span.traceId === id && span.kind === 'server')),
    );
    for (const traceId of traceIds) {
      const spans = collector.spans.filter((span) => span.traceId === traceId);
      const servers = spans.filter(({ kind }) => kind === 'server');
      expect(servers).toHaveLength(1);
      const statements = spans.filter((span) => span.attributes['db.system.name'] === 'postgresql');
      const [line] = server.log.lines().filter((each) => each['trace_id'] === traceId && each['message'] === 'request');
      expect(statements).toHaveLength(Number(line?.['db_queries']));
      expect(new Set(spans.map((span) => span.parentId))).toEqual(new Set(['00f067aa0ba902b7', servers[0]?.spanId]));
    }
  });

  it('a caller who does not record → nothing is recorded, the log has his trace and a problem, too', async () => {
    const traceId = newTraceId();
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-00`, 'X-Request-ID': 'not-sampled' };
    const reply = await client.get('/users/me', { headers });
    expect(reply.body).toMatchObject({ code: 'auth.token_missing', traceId });
    const next = newTraceId();
    await read(next);
    await collector.of(next, (all) => all.length > 0);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
    expect(server.log.of('not-sampled')).toEqual([expect.objectContaining({ trace_id: traceId })]);
  });

  it('a malformed traceparent → a trace of its own', async () => {
    const reply = await client.get('/users/me', { headers: { traceparent: '00-zz-00f067aa0ba902b7-01' } });
    const spans = await collector.of(reply.body.traceId, (all) => all.length > 0);
    expect(named(spans, 'GET /api/v1/users/me')).toEqual([expect.objectContaining({ parentId: '' })]);
  });

  it(
    '5xx, and told to stop at once → all is sent; request and statement are marked, without the text of the error',
    async () => {
      const limited = aProcess(cleanups, { DATABASE_STATEMENT_TIMEOUT_MS: '300' });
      const slow = await limited.client();
      const traceId = newTraceId();
      const reply = await HeldLock.during(database.url, 'LOCK TABLE orders', () => read(traceId, '/orders', slow));
      expect(reply.body).toMatchObject({ code: 'service.unavailable', traceId });
      limited.signal('SIGTERM');
      expect(await limited.ended()).toBe('code 0');
      const spans = collector.spans.filter((span) => span.traceId === traceId);
      expect(named(spans, 'GET /api/v1/orders')).toEqual([
        expect.objectContaining({ isError: true, attributes: expect.objectContaining({ 'error.type': '503' }) }),
      ]);
      expect(
        spans.filter(({ isError, kind }) => isError && kind === 'client').map(({ attributes }) => attributes),
      ).toEqual([expect.objectContaining({ 'error.type': '57014', 'db.response.status_code': '57014' })]);
    },
    LIMIT_MS,
  );

  it(
    'a collector that is frozen, gone, and back → requests are fine, one line each, and it ends in time',
    async () => {
      const process = aProcess(cleanups, {});
      const own = await process.client();
      collector.freeze();
      expect((await read(newTraceId(), '/users/me', own)).status).toBe(200);
      const { asked } = collector;
      await until(() => collector.asked > asked);
      expect((await read(newTraceId(), '/users/me', own)).status).toBe(200);
      await collector.stop();
      await process.says(AWAY);
      const lost = await lostBy(process);
      expect((await read(newTraceId(), '/users/me', own)).status).toBe(200);
      await until(async () => (await lostBy(process)) > lost); // a second batch
      await collector.startAgain();
      collector.thaw();
      await until(
        async () => (await read(newTraceId(), '/users/me', own)).status === 200 && process.said(BACK).length > 0,
      );
      expect([process.said(AWAY), process.said(BACK)].map((lines) => lines.length)).toEqual([1, 1]);
      collector.freeze();
      await read(newTraceId(), '/users/me', own);
      process.signal('SIGTERM');
      expect(await process.ended()).toBe('code 0');
      expect(process.said(AWAY)).toHaveLength(1); // it did not wait until the last batch had failed
    },
    LIMIT_MS,
  );

  it(
    'without OTEL_EXPORTER_OTLP_ENDPOINT → nothing of it is loaded; the caller’s trace is in the log all the same',
    async () => {
      const silent = aProcess(cleanups, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, { hook: HOOK });
      const traceId = newTraceId();
      const reply = await read(traceId, `/users/${newTraceId()}`, await silent.client());
      expect(reply.body).toMatchObject({ code: 'request.invalid', traceId });
      const lines = () => silent.said('request').filter((line) => line['trace_id'] === traceId);
      await until(() => lines().length > 0);
      expect(lines()[0]).not.toHaveProperty('span_id');
      expect(silent.stderr).toContain('/dist/libs/telemetry/src/tracing/tracing.js\n');
      // prom-client and pg-boss bring the interfaces of the API, which do nothing by themselves.
      expect(silent.stderr).not.toMatch(/@opentelemetry\/(?!api\/)|otel-tracer|redis-commands/);
    },
    LIMIT_MS,
  );
});
