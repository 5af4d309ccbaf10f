import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { AWAY_LINE, Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { inLanes, Wire, type WireAnswer } from '../support/wire.js';
import { until } from '../support/waiting.js';
import { wireAt } from '../support/witness.js';

const ASKED = 300;

const forAll = Cleanups.afterAll();
let cluster: Cluster;
let wires: readonly Wire[];

describeWith('redis-server', 'nginx')('three instances, and nothing is cached', () => {
  beforeAll(async () => {
    cluster = await Cluster.start(forAll);
    wires = cluster.instances.map(({ url }) => new Wire(url));
    forAll.add(() => wires.forEach((wire) => wire.close()));
    await warmUp();
  });

  /** The first requests of a process compile what they need, and that takes longer than Redis is given. */
  async function warmUp(): Promise<void> {
    const { token } = await cluster.factory.signedIn();
    await inLanes(30, 300, async (index) => void (await wireAt(wires, index).get('/orders', { as: token })));
  }

  /** Asks all at once, spread over the instances. @returns how many of the answers needed the database. */
  async function loadsOf(path: string, as: string): Promise<number> {
    const answers: WireAnswer[] = [];
    const batch = randomUUID();
    await inLanes(ASKED, ASKED, async (index) => {
      const headers = { 'X-Request-ID': `${batch}-${index}` };
      answers.push(await wireAt(wires, index).get(path, { as, headers }));
    });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const lines = (): Record<string, unknown>[] =>
      cluster.said('request').filter(({ request_id: id }) => String(id).startsWith(batch));
    await until(() => lines().length === ASKED);
    return lines().filter(({ db_queries: queries }) => Number(queries) > 0).length;
  }

  it(`${ASKED} ask for the same figures at once → one load`, async () => {
    const loads = await cluster.sharing(async () => {
      const { id, token } = await cluster.factory.signedIn();
      await cluster.factory.anOrder(id);
      return loadsOf(`/users/${id}/analytics`, token);
    });
    expect(loads).toBe(1);
  });

  it(`${ASKED} ask for one list at once → one load`, async () => {
    const loads = await cluster.sharing(async (attempt) => {
      const { token } = await cluster.factory.signedIn();
      return loadsOf(`/orders?limit=${attempt}`, token);
    });
    expect(loads).toBe(1);
  });

  it(`${ASKED} ask for the aggregate at once → one load`, async () => {
    const { token } = await cluster.factory.analyst();
    const loads = await loadsOf('/aggregate', token);
    expect(loads).toBeGreaterThanOrEqual(1);
    expect(loads).toBeLessThanOrEqual(cluster.said(AWAY_LINE).length > 0 ? cluster.instances.length : 1);
  });
});
