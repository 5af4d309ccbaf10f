import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { LISTENER_NAME } from '../../apps/api/src/auth/revocation-channel.js';
import type { User } from '../../apps/api/src/users/index.js';
import type { ApiClient } from '../support/api-client.js';
import { PASSWORD } from '../support/factory.js';
import { queriesOf } from '../support/queries.js';
import { SecondInstance } from '../support/second-instance.js';
import { TestApp } from '../support/test-app.js';

let a: TestApp;
let b: SecondInstance;
let user: User;
beforeAll(async () => {
  a = await TestApp.start({ CACHE: 'off' });
  b = await SecondInstance.start(a, { CACHE: 'off' });
  user = await a.factory.aUser();
});
afterAll(async () => {
  await b.stop();
  await a.stop();
});

const DEADLINE_MS = 15_000;

async function aToken(): Promise<string> {
  return (await a.factory.session(user)).token;
}

async function status(client: ApiClient, as: string): Promise<number> {
  return (await client.get('/protected', { as })).status;
}

/** Ends the sessions of these tokens on one instance, then uses them on the other at once. @returns what that said. */
async function revokeThenCall(on: ApiClient, then: ApiClient, tokens: readonly string[]): Promise<number[]> {
  return Promise.all(
    tokens.map(async (token) => {
      expect((await on.post('/auth/revoke', { body: { token } })).status).toBe(200);
      return status(then, token);
    }),
  );
}

/** In another database of the server, which is none of the application's. */
async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(process.env['TEST_SERVER_URL']);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** @param waitMs for their end; 0: they go while the next statement runs. */
async function killListeners(waitMs: number): Promise<number> {
  const killed: unknown[] = await a.dataSource.query(
    'SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
    [LISTENER_NAME, waitMs],
  );
  return killed.length;
}

/** Resolves once a request with a token costs both instances this many queries. */
async function untilCost(queries: number): Promise<void> {
  const token = await aToken();
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const costs = [
      await a.client.get('/protected', { as: token }),
      await b.client.get('/protected', { as: token }),
    ].map(queriesOf);
    if (costs.every((cost) => cost === queries)) return;
    if (Date.now() > deadline) throw new Error(`a request costs ${costs.join(' and ')} queries, not ${queries}`);
  }
}

/** Keeps the channels of both instances from coming back while `work` runs; the pools keep the connections they have. */
async function whileDeaf(work: () => Promise<void>): Promise<void> {
  const name = pg.escapeIdentifier(new URL(a.database.url).pathname.slice(1));
  await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  try {
    expect(await killListeners(5_000)).toBe(2);
    await untilCost(2);
    await work();
  } finally {
    await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  }
  await untilCost(1);
}

describe('two instances', () => {
  it('200 sessions ended on one → each refused by the very next request on the other', async () => {
    const accepted: number[] = [];
    for (let round = 0; round < 200; round += 1) {
      const token = await aToken();
      if (round % 20 === 0) expect(await status(b.client, token)).toBe(200);
      const [answer] = await revokeThenCall(a.client, b.client, [token]);
      if (answer !== 401) accepted.push(round);
    }
    expect(accepted).toEqual([]);
    const late = a.log
      .lines()
      .filter(({ message }) => message === 'not every instance acknowledged a revocation in time');
    expect(late.length).toBeLessThan(50); // they wait for the answer of the other, and not for the timeout
  });

  it('50 the other way round, ten at a time → all refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const tokens = await Promise.all(Array.from({ length: 10 }, aToken));
      expect(await revokeThenCall(b.client, a.client, tokens)).toEqual(Array.from({ length: 10 }, () => 401));
    }
  });

  it('250 sessions ended by one request, more than a notification holds → all refused on the other', async () => {
    const owner = await a.factory.aUser();
    const tokens: string[] = [];
    for (let n = 0; n < 250; n += 1) tokens.push((await a.factory.session(owner)).token);
    expect((await a.client.delete('/auth/sessions', { as: tokens[0] })).status).toBe(204);
    for (const token of tokens) expect(await status(b.client, token)).toBe(401);
  });

  it('disabled, deleted, given a role, password changed on one → the sessions are dead on the other', async () => {
    const admin = await a.factory.admin();
    const change = (id: string, body: object) =>
      a.client.patch(`/users/${id}`, { as: admin.token, body, headers: { 'If-Match': '*' } });
    const ends: ((id: string) => Promise<unknown>)[] = [
      (id) => change(id, { disabled: true }),
      (id) => change(id, { roles: ['analyst'] }),
      (id) => a.client.delete(`/users/${id}`, { as: admin.token, headers: { 'If-Match': '*' } }),
      (id) => a.client.delete(`/users/${id}/sessions`, { as: admin.token }),
    ];
    for (const end of ends) {
      const { id, token } = await a.factory.signedIn();
      expect(await status(b.client, token)).toBe(200);
      await end(id);
      expect(await status(b.client, token)).toBe(401);
    }
    const owner = await a.factory.aUser();
    const [mine, other] = [await a.factory.session(owner), await a.factory.session(owner)];
    await a.client.put('/auth/password', {
      as: mine.token,
      body: { currentPassword: PASSWORD, newPassword: 'staple correct horse' },
    });
    expect([await status(b.client, mine.token), await status(b.client, other.token)]).toEqual([200, 401]);
  });

  it('a live session → neither instance asks the database for it', async () => {
    await untilCost(1);
  });

  it('an instance that starts later → refuses what ended before, from memory', async () => {
    const [token, live] = [await aToken(), await aToken()];
    await a.client.post('/auth/revoke', { body: { token } });
    const late = await SecondInstance.start(a, { CACHE: 'off' });
    const [refused, answered] = [
      await late.client.get('/protected', { as: token }),
      await late.client.get('/protected', { as: live }),
    ];
    await late.stop();
    expect([refused.status, queriesOf(refused), answered.status]).toEqual([401, 0, 200]);
  });

  it('an instance that is frozen meanwhile → refuses what reached it before it woke', async () => {
    for (let round = 0; round < 5; round += 1) {
      const token = await aToken();
      b.freeze();
      await a.client.post('/auth/revoke', { body: { token } });
      const { hostname, port } = new URL(b.client.url);
      const socket = connect(Number(port), hostname);
      await new Promise((sent) =>
        socket.write(`GET /api/v1/protected HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer ${token}\r\n\r\n`, sent),
      );
      b.thaw();
      const [answer] = await once(socket, 'data');
      socket.destroy();
      expect(String(answer).split('\r\n', 1)).toEqual(['HTTP/1.1 401 Unauthorized']);
    }
  });
});

describe('the connections that listen are killed', () => {
  it('and cannot come back → each request asks the database; 30 sessions ended on one are refused on the other', async () => {
    await whileDeaf(async () => {
      for (let round = 0; round < 30; round += 1) {
        const token = await aToken();
        expect(await status(b.client, token)).toBe(200);
        expect(await revokeThenCall(a.client, b.client, [token])).toEqual([401]);
      }
    });
  });

  it('and come back → what ended meanwhile is refused from memory, without a query', async () => {
    const token = await aToken();
    await whileDeaf(async () => {
      await a.client.post('/auth/revoke', { body: { token } });
    });
    for (const client of [a.client, b.client]) {
      const reply = await client.get('/protected', { as: token });
      expect([reply.status, queriesOf(reply)]).toEqual([401, 0]);
    }
  });

  it('30 times, each time just before a session ends → none is accepted', async () => {
    for (let round = 0; round < 30; round += 1) {
      const token = await aToken();
      await killListeners(0);
      expect(await revokeThenCall(a.client, b.client, [token])).toEqual([401]);
    }
    await untilCost(1);
  });

  it('the loss and the return → said in the log', () => {
    const messages = a.log.lines().map(({ message }) => message);
    expect(messages).toContain('lost the channel of revoked sessions; sessions are looked up until it is back');
    expect(messages.lastIndexOf('listening for revoked sessions')).toBeGreaterThan(
      messages.lastIndexOf('lost the channel of revoked sessions; sessions are looked up until it is back'),
    );
  });
});
