import { beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { AWAY_LINE, Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { passwordGrant } from '../support/tokens.js';
import { inLanes, Wire, type WireAnswer } from '../support/wire.js';
import { wireAt } from '../support/witness.js';

const MAX = 60;
const ADDRESS_MAX = 150;
const FAILURES = 5;
const LANES = 30;
const LIMIT_HEADERS = [
  'ratelimit',
  'ratelimit-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];

const forAll = Cleanups.afterAll();
let cluster: Cluster;
let wires: readonly Wire[];
let balancer: Wire;

/** As the proxy in front would tell it. */
const from = (address: string): Readonly<Record<string, string>> => ({ 'X-Forwarded-For': address });
const admitted = (answers: readonly WireAnswer[]): number => answers.filter(({ status }) => status !== 429).length;

async function ask(times: number, send: (index: number) => Promise<WireAnswer>): Promise<readonly WireAnswer[]> {
  const answers: WireAnswer[] = [];
  await inLanes(LANES, times, async (index) => void answers.push(await send(index)));
  return answers;
}

describeWith('redis-server', 'nginx')('three instances share the limits', () => {
  beforeAll(async () => {
    const environment = {
      RATE_LIMIT_MAX: String(MAX),
      RATE_LIMIT_ADDRESS_MAX: String(ADDRESS_MAX),
      LOGIN_MAX_FAILURES: String(FAILURES),
    };
    cluster = await Cluster.start(forAll, { environment });
    wires = cluster.instances.map(({ url }) => new Wire(url));
    balancer = new Wire(cluster.url);
    forAll.add(() => [...wires, balancer].forEach((wire) => wire.close()));
  });

  it('a user asks all of them, from many addresses → exactly the limit is admitted', async () => {
    const answers = await cluster.sharing(async (attempt) => {
      const { token } = await cluster.factory.signedIn();
      return ask(MAX * 3, (index) =>
        wireAt(wires, index).get('/users/me', { as: token, headers: from(`10.1${attempt}.${index % 50}.7`) }),
      );
    });
    expect(admitted(answers)).toBe(MAX);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });

  it('an address asks all of them with bad tokens → exactly the limit of addresses is admitted', async () => {
    const answers = await cluster.sharing((attempt) =>
      ask(ADDRESS_MAX * 2, (index) =>
        wireAt(wires, index).get('/users/me', { as: `bad.token.${index}`, headers: from(`10.2.0.${attempt}`) }),
      ),
    );
    expect(admitted(answers)).toBe(ADDRESS_MAX);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
  });

  it('IPv6 addresses of one /64 → count as one', async () => {
    const answers = await cluster.sharing((attempt) =>
      ask(ADDRESS_MAX * 2, (index) =>
        wireAt(wires, index).get('/nowhere', { headers: from(`2001:db8:7:${attempt}::${(index + 1).toString(16)}`) }),
      ),
    );
    expect(admitted(answers)).toBe(ADDRESS_MAX);
  });

  it('forged X-Forwarded-For through nginx → changes nothing', async () => {
    const answers = await ask(ADDRESS_MAX * 2, (index) =>
      balancer.get('/nowhere', { headers: from(`203.0.113.${index % 250}, 198.51.100.${index % 250}`) }),
    );
    const isShared = cluster.said(AWAY_LINE).length === 0;
    expect(admitted(answers)).toBeLessThanOrEqual(isShared ? ADDRESS_MAX : ADDRESS_MAX * wires.length);
    expect(admitted(answers)).toBeGreaterThan(0);
  });

  it('every answer of every instance, admitted or not → the same headers of limits', async () => {
    const { token } = await cluster.factory.signedIn();
    const answers = await ask(MAX + LANES, (index) =>
      wireAt(wires, index).get('/users/me', { as: token, headers: from(`10.3.${index % 50}.7`) }),
    );
    for (const { status, headers } of answers) {
      const names = Object.keys(headers).filter((name) => name.includes('ratelimit'));
      expect(names.toSorted()).toEqual(LIMIT_HEADERS);
      expect(headers['retry-after'] !== undefined).toBe(status === 429);
    }
    expect(new Set(answers.map(({ headers }) => headers['ratelimit-policy']))).toEqual(
      new Set([`"default";q=${MAX};w=60`]),
    );
  });

  it('failed sign-ins over all of them → locked after as many as one would allow', async () => {
    const statuses = await cluster.sharing(async () => {
      const { email } = await cluster.factory.aUser();
      const failed = { body: passwordGrant(email, 'not the password'), headers: from('10.4.0.1') };
      const all: number[] = [];
      for (let index = 0; index < FAILURES + 3; index += 1)
        all.push((await cluster.client(index % 3).post('/auth/token', failed)).status);
      return all;
    });
    expect(statuses).toEqual([...Array(FAILURES).fill(400), 429, 429, 429]);
  });

  it('Redis is gone → each instance goes on limiting by itself, sign-ins too', async () => {
    await cluster.redis.kill();
    const { email, token } = await cluster.factory.signedIn();
    const answers = await ask(MAX * 6, (index) =>
      wireAt(wires, index).get('/users/me', { as: token, headers: from(`10.5.${index % 50}.7`) }),
    );
    expect(admitted(answers)).toBe(MAX * wires.length);
    const body = passwordGrant(email, 'not the password');
    const signIns = await ask(FAILURES * 6, (index) =>
      wireAt(wires, index).post('/auth/token', { body, headers: from('10.6.0.1') }),
    );
    expect(admitted(signIns)).toBe(FAILURES * wires.length);
  });
});
