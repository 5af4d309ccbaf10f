import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { rawRequest } from '../support/raw-request.js';
import { PRODUCTION, TestApp } from '../support/test-app.js';
import { freePort } from '../support/throw-away-redis.js';

const TOKEN = 'Zq7.w-2_f~Pa/3+x9Rt==';

let app: TestApp;
afterEach(() => app.stop());

describe('GET //status.json', () => {
  it('in development → the five levels, free and not to be kept', async () => {
    app = await TestApp.start({ CAPACITY_RPS: '1200' });
    await app.client.get('/aggregate');
    const reply = await app.client.get('//status.json');
    expect([reply.status, reply.headers['cache-control'], reply.headers['ratelimit']]).toEqual([
      200,
      'no-store',
      undefined,
    ]);
    expect(reply.body.levels).toEqual([
      expect.objectContaining({ name: 'response_time_p95_ms', unit: 'ms', target: 200, alert: 500 }),
      { name: 'error_rate', unit: 'ratio', value: 0, target: 0.001, alert: 0.01, state: 'ok' },
      { name: 'requests_per_second', unit: '1/s', value: 1_200, target: 1_000, alert: 500, state: 'ok' },
      expect.objectContaining({ name: 'cpu', unit: 'ratio', target: 0.7, alert: 0.85 }),
      expect.objectContaining({ name: 'memory', unit: 'ratio', target: 0.8, alert: 0.9 }),
    ]);
  });

  it('in production → for the bearer of METRICS_TOKEN alone', async () => {
    app = await TestApp.start({ ...PRODUCTION, METRICS_TOKEN: TOKEN });
    const replies = await Promise.all([TOKEN, undefined, 'x.y.z'].map((as) => app.client.get('//status.json', { as })));
    expect(replies.map(({ status }) => status)).toEqual([200, 404, 404]);
  });
});

describe('METRICS_PORT', () => {
  it('metrics, status and health there without a token → and nothing else; the first port has no metrics', async () => {
    const port = await freePort();
    app = await TestApp.start({ ...PRODUCTION, METRICS_TOKEN: TOKEN, METRICS_PORT: String(port) });
    const there = { url: `http://127.0.0.1:${port}` };
    const targets = ['/metrics', '/status.json', '/health/ready', '/api/v1/aggregate', '/docs', '/problems', '/'];
    const replies = await Promise.all(targets.map((target) => rawRequest(there, { target })));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 404, 404, 404, 404]);
    const scrape = { target: '/metrics', headers: { Host: '10.1.2.3:9464' } };
    expect((await rawRequest(there, scrape)).status).toBe(200); // no trusted host
    expect((await rawRequest(app.client, scrape)).status).toBe(421);
    expect(replies.at(-1)?.body).toMatchObject({ code: 'route.not_found', instance: '/' });
    const here = await Promise.all(
      ['//metrics', '//status.json', '//health/ready'].map((path) => app.client.get(path, { as: TOKEN })),
    );
    expect(here.map(({ status }) => status)).toEqual([404, 404, 200]);
  });

  it('the application closes → the port is free, whoever is connected', async () => {
    const port = await freePort();
    const one = await TestApp.start({ METRICS_PORT: String(port) });
    const idle = net.connect(port, '127.0.0.1');
    await once(idle, 'connect');
    const gone = once(idle, 'close');
    await one.stop();
    await gone;
    app = await TestApp.start({ METRICS_PORT: String(port) });
    expect((await rawRequest({ url: `http://127.0.0.1:${port}` }, { target: '/metrics' })).status).toBe(200);
  });
});
