import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { describeWith, programFile } from '../support/installed.js';
import { metricLines, metricValue } from '../support/metric-lines.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';

const DURATION = 'plinth_http_request_duration_seconds';
const ABORTED = 'plinth_http_requests_aborted_total';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ CAPACITY_RPS: '900' });
});
afterAll(() => app.stop());

const requests = (labels: Readonly<Record<string, string>>): Promise<number> =>
  metricValue(app.client, `${DURATION}_count`, labels);

/** Waits until so many are counted: the client has its answer a moment before. */
const counted = (labels: Readonly<Record<string, string>>, count: number): Promise<void> =>
  until(async () => (await requests(labels)) === count);

describe('requests in the metrics', () => {
  it('answers of a route → counted by template, method and class, with their time', async () => {
    const { id, token } = await app.factory.signedIn();
    const order = await app.factory.anOrder(id);
    await app.client.get(`/orders/${order.id}`, { as: token });
    await app.client.get('/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', { as: token });
    await app.client.get('/orders/not-an-id', { as: token });
    await app.client.head(`/orders/${order.id}`, { as: token });
    const route = '/api/v1/orders/:id';
    await counted({ route, method: 'GET', status_class: '2xx' }, 1);
    await counted({ route, method: 'GET', status_class: '4xx' }, 2);
    await counted({ route, method: 'HEAD', status_class: '2xx' }, 1);
    const bounds = (await metricLines(app.client, `${DURATION}_bucket`))
      .filter(({ labels }) => labels['route'] === route && labels['method'] === 'HEAD')
      .map(({ labels }) => labels['le']);
    expect(bounds).toEqual(expect.arrayContaining(['0.15', '0.2', '0.25', '0.4', '0.5', '0.75', '+Inf']));
  });

  it('paths, methods and hosts as an attacker sends them → no series but one', async () => {
    const seriesOf = async (): Promise<string[]> => {
      const lines = await metricLines(app.client, 'plinth_http_');
      return [...new Set(lines.map(({ labels: { route, method } }) => `${method} ${route}`))].toSorted();
    };
    await app.client.get('//nowhere');
    await counted({ route: 'unmatched', method: 'GET' }, 1);
    const before = await seriesOf();
    const paths = [
      '/a',
      '/%00',
      '/api/v1/a"b\\',
      '/{route="x"}',
      '/api/v1/users/%zz',
      `/${'x'.repeat(9_000)}`,
      '/metrics/1',
    ];
    for (const [index, path] of paths.entries()) {
      const target = `${path}?${index}`;
      await rawRequest(app.client, { target, headers: { Host: `h${index}.example` } });
      await rawRequest(app.client, { method: 'PROPFIND', target });
      await rawRequest(app.client, { method: 'M-SEARCH', target });
    }
    await counted({ route: 'unmatched', method: 'other', status_class: '4xx' }, 2 * paths.length);
    const after = await seriesOf();
    expect(after.filter((series) => !before.includes(series))).toEqual(['other unmatched']);
  });

  it('a client that leaves before the answer → counted apart, without a time', async () => {
    const route = '/api/v1/auth/token';
    const socket = net.connect(Number(new URL(app.client.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST ${route} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{`);
    await until(async () => (await metricValue(app.client, 'plinth_http_requests_in_flight')) === 2);
    socket.destroy();
    await until(async () => (await metricValue(app.client, ABORTED, { route, method: 'POST' })) === 1);
    expect(await requests({ route })).toBe(0);
    expect(await metricValue(app.client, 'plinth_http_requests_in_flight')).toBe(1);
  });
});

describe('the database in the metrics', () => {
  it('the pool → its limit, and no more connections than that', async () => {
    await Promise.all(Array.from({ length: 20 }, () => app.client.get('/aggregate')));
    const pool = 'primary';
    const limit = await metricValue(app.client, 'plinth_database_connections_limit', { pool });
    const idle = await metricValue(app.client, 'plinth_database_connections', { pool, state: 'idle' });
    expect(limit).toBe(10);
    expect(idle).toBeGreaterThan(0);
    expect(idle).toBeLessThanOrEqual(limit);
  });

  it('statements that fail → counted by kind; those that take too long as timeouts', async () => {
    const name = 'plinth_database_query_failures_total';
    const all = await metricValue(app.client, 'plinth_database_query_duration_seconds_count');
    const refused = await metricValue(app.client, name, { kind: 'refused' });
    const dataSource = app.app.get(DataSource);
    await expect(dataSource.query('SELECT 1 / 0')).rejects.toThrow();
    const runner = dataSource.createQueryRunner();
    await runner.query("SET statement_timeout = '20ms'");
    await expect(runner.query('SELECT pg_sleep(5)')).rejects.toThrow();
    await runner.query('RESET statement_timeout');
    await runner.release();
    expect(await metricValue(app.client, name, { kind: 'refused' })).toBe(refused + 1);
    expect(await metricValue(app.client, name, { kind: 'timeout' })).toBe(1);
    const now = await metricValue(app.client, 'plinth_database_query_duration_seconds_count');
    expect(now - all).toBeGreaterThanOrEqual(4);
  });
});

describe('what the page tells of', () => {
  it('→ every part of the process', async () => {
    const { text } = await app.client.get('//metrics');
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    expect([...names]).toEqual(
      expect.arrayContaining([
        'nodejs_eventloop_lag_p99_seconds',
        'nodejs_gc_duration_seconds',
        'process_resident_memory_bytes',
        'plinth_cache_requests_total',
        'plinth_idempotent_requests_total',
        'plinth_job_duration_seconds',
        'plinth_jobs_queued',
        'plinth_jobs_total',
        'plinth_rate_limit_requests_total',
        'plinth_redis_up',
        'plinth_service_level',
      ]),
    );
  });
});

describeWith('promtool')('promtool check metrics', () => {
  it('the page → has nothing to say about names of our own', async () => {
    const { text } = await app.client.get('//metrics');
    const { stderr, stdout } = spawnSync(programFile('promtool') ?? '', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    expect(said.filter((line) => !/^(nodejs|process)_/.test(line))).toEqual([]);
  });
});
