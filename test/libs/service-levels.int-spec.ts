import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceLevels } from '@app/telemetry';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
beforeEach(async () => {
  app = await TestApp.start({ CAPACITY_RPS: '800' });
});
afterEach(() => app.stop());

describe('service levels of a process', () => {
  it('requests → counted, by route, with those of health left out', async () => {
    await app.client.get('/aggregate');
    await app.client.get('//health/live');
    await app.client.get('//nowhere');
    const levels = app.app.get(ServiceLevels);
    const { levels: report } = await levels.report();
    expect(report.map(({ name, state }) => [name, state])).toEqual([
      ['response_time_p95_ms', 'ok'],
      ['error_rate', 'ok'],
      ['requests_per_second', 'warn'],
      ['cpu', expect.any(String)],
      ['memory', expect.any(String)],
    ]);
    const routes = await levels.topRoutes();
    expect(routes.map(({ method, route, requests }) => [method, route, requests])).toEqual([
      ['GET', '/api/v1/aggregate', 1],
    ]);
  });
});
