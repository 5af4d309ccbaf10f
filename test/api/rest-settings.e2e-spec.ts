import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ BODY_LIMIT_BYTES: '50', SERVER_TIMING: 'off', DOCS: 'off' });
});
afterAll(() => app.stop());

describe('settings', () => {
  it('BODY_LIMIT_BYTES=50 → a body of 51 bytes is too large', async () => {
    const body = `{"name":"${'x'.repeat(40)}"}`;
    const reply = await app.client.post('/users', { body });
    expect([body.length, reply.status, reply.body.detail]).toEqual([51, 413, 'The body may have 50 bytes.']);
  });

  it('SERVER_TIMING=off → no answer has the header', async () => {
    const { token } = await app.factory.signedIn();
    const replies = [
      await app.client.get('/users/me', { as: token }),
      await app.client.get('/users/me'),
      await app.client.get('//nowhere'),
    ];
    expect(replies.map(({ status, headers }) => [status, headers['server-timing']])).toEqual([
      [200, undefined],
      [401, undefined],
      [404, undefined],
    ]);
  });

  it.each(['//docs', '//openapi.json', '//openapi.yaml'])('DOCS=off → %s is an unknown path', async (path) => {
    const reply = await app.client.get(path);
    expect([reply.status, reply.body.code]).toEqual([404, 'route.not_found']);
  });
});
