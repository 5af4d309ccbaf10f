import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { until } from '../support/waiting.js';
import { Wire } from '../support/wire.js';
import { expectCoherent, writeThenRead } from '../support/witness.js';

/** Pairs of a write and a read elsewhere; `CLUSTER_PAIRS=10000` for a measurement. */
const PAIRS = Number(process.env['CLUSTER_PAIRS'] ?? 2_000);
/** Where an instance cannot be reached. */
const STALE_LIMIT_MS = 2_000;
const LIMIT_MS = 60_000 + PAIRS * 30;

const forAll = Cleanups.afterAll();
let cluster: Cluster;

describeWith('redis-server', 'nginx')('three instances', () => {
  beforeAll(async () => {
    cluster = await Cluster.start(forAll);
  });

  function wires(urls: readonly string[]): readonly Wire[] {
    return urls.map((url) => {
      const wire = new Wire(url);
      forAll.add(() => wire.close());
      return wire;
    });
  }

  it(
    `${PAIRS} writes on one, each read on the others once it is answered → no stale read`,
    async () => {
      const found = await writeThenRead(cluster, wires(cluster.instances.map(({ url }) => url)), PAIRS);
      expectCoherent(found);
      expect(found.pairs).toBeGreaterThanOrEqual(PAIRS);
    },
    LIMIT_MS,
  );

  it(
    'the same through nginx → no stale read',
    async () => {
      const found = await writeThenRead(cluster, wires([cluster.url, cluster.url]), PAIRS / 4);
      expectCoherent(found);
    },
    LIMIT_MS,
  );

  it('an instance is frozen while another writes → its first answer shows what was written', async () => {
    const { id, token } = await cluster.factory.signedIn();
    const [writer, reader] = [cluster.client(0), cluster.client(2)];
    const renamed = async (name: string): Promise<number> =>
      (await writer.patch(`/users/${id}`, { as: token, body: { name }, headers: { 'If-Match': '*' } })).status;
    for (const name of ['First', 'Second']) {
      await reader.get('/users/me', { as: token });
      cluster.instance(2).freeze();
      expect(await renamed(name)).toBe(200);
      await delay(STALE_LIMIT_MS - 500);
      cluster.instance(2).thaw();
      expect((await reader.get('/users/me', { as: token })).body.name).toBe(name);
    }
  });

  it('the connections that hear of writes are cut → all show a write within 2 s all the same', async () => {
    const { id, token } = await cluster.factory.signedIn();
    for (let round = 0; round < 5; round += 1) {
      const name = `Round ${round}`;
      for (const client of cluster.clients()) await client.get('/users/me', { as: token });
      await cluster.redis.query('CLIENT', 'KILL', 'TYPE', 'pubsub');
      const ask = { as: token, body: { name }, headers: { 'If-Match': '*' } };
      expect((await cluster.client(round % 3).patch(`/users/${id}`, ask)).status).toBe(200);
      const shown = async (): Promise<boolean> => {
        const replies = await Promise.all(cluster.clients().map((client) => client.get('/users/me', { as: token })));
        return replies.every(({ body }) => body.name === name);
      };
      await until(shown, STALE_LIMIT_MS);
    }
  });

  it('reads are answered from the cache of each instance → what was tested is the cache', async () => {
    const { token } = await cluster.factory.analyst();
    for (const client of cluster.clients()) {
      await client.get('/aggregate', { as: token });
      const again = await client.get('/aggregate', { as: token });
      expect(again.headers['cache-status']).toMatch(/^plinth; hit; detail=L[12]$/);
    }
  });

  it('foreign keys in the same Redis → still there, and it was never told to forget', async () => {
    await cluster.redis.query('SET', 'foreign:key', 'kept');
    await cluster.redis.query('HSET', 'foreign:hash', 'field', 'kept');
    const found = await writeThenRead(cluster, wires(cluster.instances.map(({ url }) => url)), 100);
    expectCoherent(found);
    expect(await cluster.redis.query('GET', 'foreign:key')).toBe('kept');
    expect(await cluster.redis.query('HGET', 'foreign:hash', 'field')).toBe('kept');
    const commands = [...(await cluster.redis.commands()).keys()];
    expect(commands).toContain('publish');
    expect(commands.filter((name) => /^(flush|keys|swapdb|config\|set|script\|flush)/.test(name))).toEqual([]);
  });
});
