import { afterEach, describe, expect, it } from '@jest/globals';
import { PRODUCTION, TestApp } from '../support/test-app.js';

const TOKEN = 'Zq7.w-2_f~Pa/3+x9Rt==';

let app: TestApp;
afterEach(() => app.stop());

describe('GET //metrics', () => {
  it('in development → Prometheus text for anyone, of the process and of the product', async () => {
    app = await TestApp.start();
    const reply = await app.client.get('//metrics');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['ratelimit']).toBeUndefined();
    expect(reply.text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(reply.text).toMatch(/^plinth_redis_up 0$/m);
    expect((await app.client.get('//metrics', { as: 'x.y.z' })).status).toBe(200);
  });

  it('a reader takes no text → 406; as Prometheus asks → text', async () => {
    app = await TestApp.start();
    const statusFor = async (accept: string): Promise<number> =>
      (await app.client.get('//metrics', { headers: { Accept: accept } })).status;
    expect(await statusFor('application/json')).toBe(406);
    expect(await statusFor('application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4')).toBe(
      200,
    );
  });

  it('in production with METRICS_TOKEN → for its bearer alone', async () => {
    app = await TestApp.start({ ...PRODUCTION, METRICS_TOKEN: TOKEN });
    const [with_, ...others] = await Promise.all(
      [TOKEN, undefined, `${TOKEN}=`, TOKEN.slice(0, -1)].map((as) => app.client.get('//metrics', { as })),
    );
    expect(with_?.status).toBe(200);
    for (const { status, body } of others) expect([status, body.code]).toEqual([404, 'route.not_found']);
    const basic = await app.client.get('//metrics', { headers: { Authorization: `Basic ${TOKEN}` } });
    expect(basic.status).toBe(404);
  });

  it('in production without METRICS_TOKEN → there are none', async () => {
    app = await TestApp.start(PRODUCTION);
    const replies = await Promise.all([undefined, 'undefined', TOKEN].map((as) => app.client.get('//metrics', { as })));
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([404, 'route.not_found']));
  });
});
