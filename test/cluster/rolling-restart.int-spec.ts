import { beforeAll, expect, it } from '@jest/globals';
import { inLanes, shopTraffic } from '../load/traffic.mjs';
import { Cleanups } from '../support/cleanups.js';
import { Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { until } from '../support/waiting.js';

const forAll = Cleanups.afterAll();
const REQUESTS = 50_000;
const LANES = 12;
const LIMIT_MS = 240_000;

describeWith('redis-server', 'nginx')('three instances behind nginx, each restarted in turn', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(forAll, { environment: { DRAIN_DELAY_MS: '1000', SHEDDING: 'on' } });
  }, LIMIT_MS);

  it(
    `under load → none of ${REQUESTS} requests fails, reads and writes with and without keys; each exits with 0`,
    async () => {
      const { token } = await cluster.factory.signedIn();
      let isRolled = false;
      const isOver = (answers: readonly unknown[]): boolean => isRolled && answers.length >= REQUESTS;
      const load = inLanes(cluster.nginx.plainUrl, shopTraffic(token, 100), { lanes: LANES, isOver });
      const endings = await roll(cluster);
      isRolled = true;
      const answers = await load;
      const failed = answers.filter(({ status }) => status < 200 || status > 299);
      expect(failed.map(({ status, request }) => `${request.method ?? 'GET'} ${request.path}: ${status}`)).toEqual([]);
      expect(answers.length).toBeGreaterThanOrEqual(REQUESTS);
      expect(endings).toEqual(['code 0', 'code 0', 'code 0']);
    },
    LIMIT_MS,
  );
});

/** One after the other, as a deployment does: the next one only when the one before answers again. */
async function roll({ instances }: Cluster): Promise<string[]> {
  const endings: string[] = [];
  for (const instance of instances) {
    const { ending } = await instance.stop();
    endings.push(ending);
    await instance.startAgain();
    await until(async () => (await fetch(`${instance.url}/health/ready`)).ok);
  }
  return endings;
}
