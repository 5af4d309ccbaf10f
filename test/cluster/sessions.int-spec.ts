import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { anItem } from '../support/orders.js';

const ROUNDS = 15;
const AT_ONCE = 30;

const forAll = Cleanups.afterAll();
let cluster: Cluster;

describeWith('redis-server', 'nginx')('three instances', () => {
  beforeAll(async () => {
    cluster = await Cluster.start(forAll);
  });

  it('a session ends on one → its token is refused at once on all, whatever they have cached', async () => {
    const clients = cluster.clients();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { token } = await cluster.factory.signedIn();
      for (const client of clients) expect((await client.get('/users/me', { as: token })).status).toBe(200);
      expect((await cluster.client(round % 3).delete('/auth/sessions', { as: token })).status).toBe(204);
      const after = await Promise.all(clients.map((client) => client.get('/users/me', { as: token })));
      expect(after.map(({ status }) => status)).toEqual([401, 401, 401]);
    }
  });

  it('a user is disabled on one → refused at once on all', async () => {
    const admin = await cluster.factory.admin();
    const { id, token } = await cluster.factory.signedIn();
    for (const client of cluster.clients()) expect((await client.get('/orders', { as: token })).status).toBe(200);
    const change = { as: admin.token, body: { disabled: true }, headers: { 'If-Match': '*' } };
    expect((await cluster.client(1).patch(`/users/${id}`, change)).status).toBe(200);
    const after = await Promise.all(cluster.clients().map((client) => client.get('/orders', { as: token })));
    expect(after.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it(`${AT_ONCE} requests with one key over all instances at once → one order, and each is told of it or to wait`, async () => {
    const { token } = await cluster.factory.signedIn();
    const ask = {
      as: token,
      body: { currency: 'USD', items: [anItem()] },
      headers: { 'Idempotency-Key': randomUUID() },
    };
    const replies = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => cluster.client(index % 3).post('/orders', ask)),
    );
    const made = replies.filter(({ status, headers }) => status === 201 && headers['idempotent-replayed'] !== 'true');
    expect(made).toHaveLength(1);
    for (const reply of replies) {
      if (reply.status === 201) expect(reply.text).toBe(made[0]?.text);
      else expect([reply.status, reply.body.code]).toEqual([409, 'idempotency.in_progress']);
    }
    const list = await cluster.client(2).get('/orders', { as: token });
    expect(list.body.data).toHaveLength(1);
    const again = await cluster.client().post('/orders', ask);
    expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([201, 'true', made[0]?.text]);
  });
});
