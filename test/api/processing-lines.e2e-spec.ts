import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { JobCaller, JobRun } from '@app/jobs';
import { ForbiddenError } from '@app/auth';
import { SpooledBody } from '@app/rest';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { type CountPayload, TestHandler } from '../support/job-instance.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';
import { withHandlers } from '../support/with-handlers.js';

const NDJSON = 'application/x-ndjson';
const LINES = { 'Content-Type': NDJSON };
const LIMIT_BYTES = 3_000_000;
/** Until a file is closed by hand: the garbage collector would close it, too, but later. */
const CLOSED_MS = 1_000;

let app: TestApp;
let ada: SignedIn;
let admin: SignedIn;
/** What the handlers do: a test replaces it. */
let work: (job: JobRun<CountPayload>) => Promise<object> = () => Promise.resolve({});

type Roles = Pick<JobCaller, 'has'>;
let mayStart = (caller: Roles): boolean => caller.has('admin');

class AdminsHandler extends TestHandler {
  override authorize(_payload: CountPayload | undefined, caller: Roles): void {
    if (!mayStart(caller)) throw new ForbiddenError('Only admins.');
  }
}

beforeAll(async () => {
  withHandlers(
    new TestHandler('test.count', (job) => work(job)),
    new TestHandler('test.lines', (job) => work(job), { takesLines: true }),
    new AdminsHandler('test.admins', (job) => work(job), { takesLines: true }),
  );
  app = await TestApp.start({ JOBS: 'inline', IMPORT_LIMIT_BYTES: String(LIMIT_BYTES) });
  [ada, admin] = await Promise.all([app.factory.signedIn(), app.factory.admin()]);
});
afterAll(() => app.stop());

const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];

async function becomes(id: string, status: string): Promise<Reply> {
  const ask = { as: ada.token };
  await until(async () => (await app.client.get(`/jobs/${id}`, ask)).body.status === status);
  return app.client.get(`/jobs/${id}`, ask);
}

async function jobsCount(): Promise<number> {
  const [row]: { count: number }[] = await app.dataSource.query('SELECT count(*) AS count FROM jobs');
  return row?.count ?? Number.NaN;
}

async function countLines(job: JobRun<CountPayload>): Promise<object> {
  let lines = 0;
  let last = '';
  for await (const line of job.lines()) {
    lines += 1;
    last = line.text;
  }
  return { lines, last };
}

/** Files of bodies that this process holds; they have no name any more. */
function openSpools(): number {
  const files = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // closed by now
    }
  });
  return files.filter((file) => file.includes('plinth-body-')).length;
}

describe('POST /process with lines', () => {
  const send = (
    body: Buffer | string | readonly (Buffer | string)[],
    ask: { type?: string; as?: string; headers?: object } = {},
  ) =>
    rawRequest(app.client, {
      method: 'POST',
      target: `/api/v1/process?type=${ask.type ?? 'test.lines'}`,
      headers: { ...LINES, Authorization: `Bearer ${ask.as ?? ada.token}`, ...ask.headers },
      body,
    });
  const LONG = `${Array.from({ length: 40_000 }, (_line, index) => `{"line":${index + 1},"text":"größe"}`).join('\n')}\n`;

  it.each<[string, Buffer | string | readonly string[], object]>([
    ['plain', LONG, {}],
    ['chunked, of unknown length', [LONG.slice(0, 100_001), LONG.slice(100_001)], {}],
    ['gzip', gzipSync(LONG), { 'Content-Encoding': 'gzip' }],
  ])('%s → each line reaches the job', async (_situation, body, headers) => {
    work = countLines;
    const reply = await send(body, { headers });
    expect([reply.status, reply.headers['location']]).toEqual([202, `/api/v1/jobs/${reply.body.id}`]);
    const job = await becomes(reply.body.id, 'succeeded');
    expect(job.body.result).toEqual({ lines: 40_000, last: '{"line":40000,"text":"größe"}' });
    await until(() => openSpools() === 0);
  });

  it('a right that is withdrawn while the lines are sent → 403, and no job', async () => {
    const before = await jobsCount();
    let asked = 0;
    mayStart = () => {
      asked += 1;
      return asked === 1;
    };
    try {
      expect(verdict(await send('{}\n', { type: 'test.admins' }))).toEqual([403, 'auth.forbidden']);
      expect([asked, await jobsCount()]).toEqual([2, before]);
    } finally {
      mayStart = (caller) => caller.has('admin');
    }
  });

  it('the same key and lines twice → one job; other lines, or another type → 422', async () => {
    const headers = { 'Idempotency-Key': 'a-key-for-lines' };
    const first = await send('{}\n{}\n', { headers });
    const second = await send(['{}\n', '{}\n'], { headers });
    expect([second.text, second.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
    expect(verdict(await send('{}\n{}', { headers }))).toEqual([422, 'idempotency.key_reused']);
    const asAdmin = { as: admin.token, headers };
    await send('{}\n', asAdmin);
    const otherType = await send('{}\n', { ...asAdmin, type: 'test.admins' });
    expect(verdict(otherType)).toEqual([422, 'idempotency.key_reused']);
  });

  it.each<[string, Buffer | string | readonly string[], object, [number, string]]>([
    ['too large', 'x\n'.repeat(LIMIT_BYTES), {}, [413, 'request.too_large']],
    [
      'too large, of unknown length',
      ['x\n'.repeat(1_000_000), 'x\n'.repeat(1_000_000)],
      {},
      [413, 'request.too_large'],
    ],
    [
      'too large only when unpacked',
      gzipSync('x\n'.repeat(LIMIT_BYTES)),
      { 'Content-Encoding': 'gzip' },
      [413, 'request.too_large'],
    ],
    ['not UTF-8', Buffer.from('{"a":"\xff"}\n', 'latin1'), {}, [400, 'request.malformed']],
    ['cut in the middle of a character', Buffer.from('größe').subarray(0, 3), {}, [400, 'request.malformed']],
    ['no gzip, whatever its header says', '{}\n', { 'Content-Encoding': 'gzip' }, [400, 'request.malformed']],
    [
      'of an encoding that nobody knows',
      '{}\n',
      { 'Content-Encoding': 'zstd' },
      [415, 'request.unsupported_media_type'],
    ],
    ['UTF-16', '{}\n', { 'Content-Type': `${NDJSON}; charset=utf-16` }, [415, 'request.unsupported_media_type']],
    ['with a line of more than 1 MiB', `{}\n${'x'.repeat(1_048_577)}`, {}, [422, 'request.invalid']],
  ])('%s → refused, and no job is left', async (_situation, body, headers, expected) => {
    const before = await jobsCount();
    const reply = await send(body, { headers });
    expect([verdict(reply), reply.headers['retry-after']]).toEqual([expected, undefined]);
    expect(await jobsCount()).toBe(before);
    await until(() => openSpools() === 0);
  });

  it.each([
    ['chunked, and empty', '', { 'Transfer-Encoding': 'chunked' }],
    ['of no length', '', { 'Content-Length': '0' }],
    ['absent', '', {}],
    ['blank', '\n \n\r\n', {}],
  ])('%s → 422 that says so, and no job is left', async (_situation, body, headers) => {
    const before = await jobsCount();
    const reply = await send(body, { headers });
    expect([reply.status, reply.body.errors]).toEqual([422, [expect.objectContaining({ pointer: '', code: 'empty' })]]);
    expect(await jobsCount()).toBe(before);
  });

  it('a file that cannot be closed → the answer is as ever, and the log says so', async () => {
    const release = Reflect.get(SpooledBody.prototype, 'release');
    jest.spyOn(SpooledBody.prototype, 'release').mockImplementationOnce(async function (this: SpooledBody) {
      await release.call(this);
      throw new Error('planted');
    });
    expect((await send('{}\n')).status).toBe(202);
    await until(() => app.log.lines().some(({ message }) => message === 'a body was not released'));
  });

  it.each([
    ['unknown', '?type=test.nothing'],
    ['not for lines', '?type=test.count'],
    ['missing', ''],
    ['given twice', '?type=test.lines&type=test.lines'],
  ])('the type is %s → 422 that names the parameter', async (_situation, query) => {
    const reply = await app.client.post(`/process${query}`, { as: ada.token, headers: LINES, body: '{}\n' });
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [expect.objectContaining({ in: 'query', parameter: 'type' })],
    ]);
  });

  it('who may not start it → is told before his body is asked for', async () => {
    const refused = await send('', {
      type: 'test.admins',
      headers: { Expect: '100-continue', 'Content-Length': '2000000' },
    });
    expect(verdict(refused)).toEqual([403, 'auth.forbidden']);
    expect(verdict(await send('{}\n', { type: 'test.admins', as: admin.token }))).toEqual([202, undefined]);
  });

  it.each<[string, { type?: string; headers?: object }, string, [number, string | undefined]]>([
    ['a repetition', { headers: { 'Idempotency-Key': 'used-up' } }, '{}\n', [202, undefined]],
    [
      'a key used for other lines',
      { headers: { 'Idempotency-Key': 'used-up' } },
      '[]\n',
      [422, 'idempotency.key_reused'],
    ],
    [
      'a key that is none',
      { headers: { 'Idempotency-Key': 'k'.repeat(256) } },
      '{}\n',
      [400, 'idempotency.key_invalid'],
    ],
    ['a query that nobody knows', { type: 'test.lines&planted=1' }, '{}\n', [422, 'request.invalid']],
    ['a type that he may not start', { type: 'test.admins' }, '{}\n', [403, 'auth.forbidden']],
  ])('%s → its file is closed once it is answered', async (_situation, ask, body, expected) => {
    work = countLines;
    await send('{}\n', { headers: { 'Idempotency-Key': 'used-up' } });
    expect(verdict(await send(body, ask))).toEqual(expected);
    await until(() => openSpools() === 0, CLOSED_MS);
  });

  it('a key in progress, and a sender that goes away while his job is made → the files are closed', async () => {
    work = countLines;
    const before = await jobsCount();
    const headers = { 'Idempotency-Key': 'in-progress' };
    await HeldLock.during(app.database.url, 'LOCK TABLE job_lines', async (lock) => {
      const first = send('{}\n', { headers });
      await lock.waiters(1);
      expect(verdict(await send('{}\n', { headers }))).toEqual([409, 'idempotency.in_progress']);
      await until(() => openSpools() === 1);
      const cut = new AbortController();
      const second = fetch(`${app.client.url}/api/v1/process?type=test.lines`, {
        method: 'POST',
        headers: { ...LINES, Authorization: `Bearer ${ada.token}` },
        body: '{}\n',
        signal: cut.signal,
      });
      await lock.waiters(2);
      expect(openSpools()).toBe(2);
      cut.abort();
      await expect(second).rejects.toThrow();
      await lock.commit();
      expect((await first).status).toBe(202);
    });
    await until(() => openSpools() === 0, CLOSED_MS);
    expect(await jobsCount()).toBe(before + 2); // what was said to the end is done
  });

  it('a sender that goes away in the middle → leaves nothing', async () => {
    const before = await jobsCount();
    const cut = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{}\n'.repeat(50_000))), // and never the end
    });
    const sending = fetch(`${app.client.url}/api/v1/process?type=test.lines`, {
      method: 'POST',
      headers: { ...LINES, Authorization: `Bearer ${ada.token}` },
      body,
      duplex: 'half',
      signal: cut.signal,
    });
    await until(() => openSpools() === 1);
    cut.abort();
    await expect(sending).rejects.toThrow();
    await until(() => openSpools() === 0);
    expect(await jobsCount()).toBe(before);
  });
});
