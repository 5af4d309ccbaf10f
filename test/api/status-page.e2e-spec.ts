import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PRODUCTION, TestApp } from '../support/test-app.js';
import { freePort } from '../support/throw-away-redis.js';

const TOKEN = 'a-token-for-the-metrics';
const FILES = ['//status', '//status.css', '//status.js'];

describe('the status page', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('open in development → the page, which no cache keeps', async () => {
    const { status, headers, text } = await app.client.get('//status', { headers: { Accept: 'text/html' } });
    expect([status, headers['content-type'], headers['cache-control'], headers['etag']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-store',
      undefined,
    ]);
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain(`process ${process.pid}`);
  });

  it.each([
    ['//status.css', 'text/css; charset=utf-8'],
    ['//problems.css', 'text/css; charset=utf-8'],
    ['//status.js', 'text/javascript; charset=utf-8'],
  ])('%s asked for again → 304, as nothing has changed', async (path, type) => {
    const first = await app.client.get(path);
    const headers = { 'If-None-Match': String(first.headers['etag']) };
    expect([first.status, first.headers['content-type']]).toEqual([200, type]);
    expect((await app.client.get(path, { headers })).status).toBe(304);
  });

  it('no Redis configured, the database there → says so of each', async () => {
    const { text } = await app.client.get('//status');
    expect(text).toMatch(/PostgreSQL<\/dt>[^]*Answers in [\d.]+ ms/);
    expect(text).toMatch(/Redis<\/dt>[^]*Not configured/);
  });
});

describe('in production', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ ...PRODUCTION, METRICS_TOKEN: TOKEN });
  });
  afterAll(() => app.stop());

  it.each(FILES)('%s → 404, unless the token of the metrics is sent', async (path) => {
    const replies = [
      await app.client.get(path),
      await app.client.get(path, { headers: { Authorization: 'Bearer another-one-of-that-kind' } }),
      await app.client.get(path, { headers: { Authorization: `Bearer ${TOKEN}` } }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 200]);
  });

  it('the pages on problems → open, with their look', async () => {
    const page = await app.client.get('//problems', { headers: { Accept: 'text/html' } });
    const [, stylesheet] = /<link rel="stylesheet" href="([^"]+)"/.exec(page.text) ?? [];
    expect(stylesheet).toBe('/problems.css');
    expect((await app.client.get(`/${stylesheet}`)).status).toBe(200);
  });
});

it('a port for the metrics → the page with its files there, and nowhere else', async () => {
  const port = await freePort();
  const app = await TestApp.start({ ...PRODUCTION, METRICS_PORT: String(port) });
  try {
    for (const path of FILES) {
      const there = await fetch(`http://127.0.0.1:${port}${path.slice(1)}`);
      expect([path, there.status, (await app.client.get(path)).status]).toEqual([path, 200, 404]);
    }
  } finally {
    await app.stop();
  }
});
