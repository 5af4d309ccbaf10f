import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

describe('smoke', () => {
  it('all', async () => {
    expect((await app.client.get('//health/ready')).status).toBe(200);
    const u = await app.factory.signedIn();
    const r = await app.client.get('/users/me', { as: u.token });
    expect(r.status).toBe(200);
    console.log(r.headers, r.text);
    const o = await app.client.post('/orders', { as: u.token, body: { currency: 'USD', items: [{ sku: 'A', name: 'a', quantity: 2, unitPriceCents: 5 }] } });
    console.log(o.status, o.headers, o.text);
    const l = await app.client.get('/orders?limit=1', { as: u.token });
    console.log(l.status, l.headers, l.text);
    const bad = await app.client.get('/orders?limit=0&foo=1&limit=2', { as: u.token });
    console.log(bad.status, bad.text);
    const na = await app.client.put('/orders', { as: u.token });
    console.log(na.status, na.text, na.headers);
  });
});
