import { afterEach, describe, expect, it } from '@jest/globals';
import { limitOf } from '../support/limits.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

/** What is left for each of these values of X-Forwarded-For, asked one after another. */
async function remaining(trustProxy: string, ...forwarded: readonly string[]): Promise<number[]> {
  const started = await TestApp.start({ RATE_LIMIT_MAX: '10', TRUST_PROXY: trustProxy });
  app = started;
  const left: number[] = [];
  for (const value of forwarded) {
    const ask = { body: { token: 'nobody knows it' }, headers: { 'X-Forwarded-For': value } };
    left.push(limitOf(await started.client.post('/auth/revoke', ask)).remaining);
  }
  return left;
}

describe('X-Forwarded-For', () => {
  it('no proxy is trusted → it changes nothing', async () => {
    expect(await remaining('0', '192.0.2.1', '192.0.2.2', '192.0.2.3, 192.0.2.4')).toEqual([9, 8, 7]);
  });

  it('one hop is trusted → the address that it wrote counts, not what the client wrote before', async () => {
    const values = ['192.0.2.1', '10.9.9.9, 192.0.2.1', '192.0.2.2, 127.0.0.1, 192.0.2.1', '192.0.2.1, 192.0.2.2'];
    expect(await remaining('1', ...values)).toEqual([9, 8, 7, 9]);
  });

  it('listed proxies are trusted → the last address that is none of them', async () => {
    const values = ['192.0.2.1', '192.0.2.9, 192.0.2.1', '192.0.2.1, 10.1.2.3', '192.0.2.2, 10.1.2.3, 127.0.0.1'];
    expect(await remaining('loopback, 10.0.0.0/8', ...values)).toEqual([9, 8, 7, 9]);
  });

  it('proxies are listed and none of them asks → it changes nothing', async () => {
    expect(await remaining('10.0.0.0/8', '192.0.2.1', '192.0.2.2')).toEqual([9, 8]);
  });

  it('a proxy that writes the port, or rubbish → one budget for the address, one for the rubbish', async () => {
    const rubbish = 'x'.repeat(2_000);
    const values = ['192.0.2.1:1024', '192.0.2.1:1025', '192.0.2.1', rubbish, `${rubbish}y`];
    expect(await remaining('1', ...values)).toEqual([9, 8, 7, 9, 8]);
  });
});
