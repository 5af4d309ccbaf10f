import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SignedIn } from '../support/factory.js';
import { TestApp } from '../support/test-app.js';

const NOBODY = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';

let app: TestApp;
let ada: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  [ada, admin] = await Promise.all([app.factory.signedIn({ name: 'Ada', age: 36 }), app.factory.admin()]);
});
afterAll(() => app.stop());

describe('GET /users/me and /users/{id}', () => {
  it('oneself, by either path → the same bytes, without the hash of the password', async () => {
    const [me, byId] = await Promise.all(
      [`/users/me`, `/users/${ada.id}`].map((path) => app.client.get(path, { as: ada.token })),
    );
    expect(me?.body).toEqual({
      id: ada.id,
      name: 'Ada',
      email: ada.email,
      age: 36,
      roles: ['customer'],
      disabled: false,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      deletedAt: null,
      version: 1,
    });
    expect(byId?.text).toBe(me?.text);
    expect(byId?.headers['etag']).toBe(me?.headers['etag']);
  });

  it('an admin → reads everyone, with the same ETag', async () => {
    const [own, byAdmin] = await Promise.all(
      [ada, admin].map(({ token }) => app.client.get(`/users/${ada.id}`, { as: token })),
    );
    expect([byAdmin?.status, byAdmin?.headers['etag']]).toEqual([200, own?.headers['etag']]);
  });

  it('nobody → 404', async () => {
    const reply = await app.client.get(`/users/${NOBODY}`, { as: admin.token });
    expect([reply.status, reply.body.code]).toEqual([404, 'user.not_found']);
  });

  it('a deleted user → 200 with deletedAt for admins, 404 for others', async () => {
    const { id } = await app.factory.aUser({ deletedAt: new Date('2026-01-31T12:00:00Z') });
    const analyst = await app.factory.analyst();
    const replies = await Promise.all(
      [admin, ada, analyst].map(({ token }) => app.client.get(`/users/${id}`, { as: token })),
    );
    expect(replies.map(({ status, body }) => [status, body.deletedAt])).toEqual([
      [200, '2026-01-31T12:00:00.000Z'],
      [404, undefined],
      [404, undefined],
    ]);
  });

  it('the orders and figures of a deleted user → for admins alone', async () => {
    const { id } = await app.factory.aUser({ deletedAt: new Date() });
    await app.factory.anOrder(id, { status: 'paid' });
    const analyst = await app.factory.analyst();
    const ask = (as: string) =>
      Promise.all(['orders', 'analytics'].map((part) => app.client.get(`/users/${id}/${part}`, { as })));
    const [byAdmin, byAnalyst] = [await ask(admin.token), await ask(analyst.token)];
    expect(byAdmin.map(({ status }) => status)).toEqual([200, 200]);
    expect(byAdmin[0]?.body.data).toHaveLength(1);
    expect(byAnalyst.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('a disabled user → can be read by admins', async () => {
    const { id } = await app.factory.aUser({ disabled: true });
    expect((await app.client.get(`/users/${id}`, { as: admin.token })).body.disabled).toBe(true);
  });
});
