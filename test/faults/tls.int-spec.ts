import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

const REQUEST = 'GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n';

describeWith('openssl')('HTTPS by TLS_CERT_FILE and TLS_KEY_FILE', () => {
  const cleanups = Cleanups.afterEach();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  function aServer(directory: string): ServerProcess {
    const files = { TLS_CERT_FILE: `${directory}/tls.crt`, TLS_KEY_FILE: `${directory}/tls.key` };
    const variables = { DATABASE_URL: database.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', ...files };
    const server = ServerProcess.spawn({ variables });
    cleanups.add(() => server.kill());
    return server;
  }

  async function connect(url: string, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
    const socket = tls.connect({ port: Number(new URL(url).port), rejectUnauthorized: false, ...options });
    cleanups.add(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  }

  const nameAt = async (url: string): Promise<unknown> => (await connect(url)).getPeerCertificate().subject.CN;

  it('renewed files → new connections see them, old ones go on; a broken pair → the one before stays', async () => {
    const directory = cleanups.aDirectory();
    certify(directory, 'first');
    const server = aServer(directory);
    const url = await server.listening();
    expect(url).toMatch(/^https:/);
    const old = await connect(url);
    expect(old.getPeerCertificate().subject.CN).toBe('first');
    certify(directory, 'second');
    await until(async () => (await nameAt(url)) === 'second');
    old.write(REQUEST);
    expect(String(await once(old, 'data'))).toMatch(/^HTTP\/1\.1 200[^]*Strict-Transport-Security: max-age=31536000/);
    fs.writeFileSync(`${directory}/tls.key`, 'no key');
    await server.says('the renewed certificate is refused, the one before stays');
    expect(await nameAt(url)).toBe('second');
    await expect(connect(url, { maxVersion: 'TLSv1.1' })).rejects.toThrow(/protocol/i);
  });

  it.each([
    ['a file that is not there', (directory: string) => fs.rmSync(`${directory}/tls.key`)],
    ['a file that is no key', (directory: string) => fs.writeFileSync(`${directory}/tls.key`, 'no key')],
  ])('%s → one line that says so, exit 1', async (_, spoil) => {
    const directory = cleanups.aDirectory();
    certify(directory, 'first');
    spoil(directory);
    const server = aServer(directory);
    expect((await server.says('the start failed'))['reason']).toMatch(/TLS_CERT_FILE and TLS_KEY_FILE/);
    expect(await server.ended()).toBe('code 1');
  });
});

function certify(directory: string, name: string): void {
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-out', 'new.crt', '-keyout', 'tls.key'];
  execFileSync('openssl', ['req', '-x509', ...made, '-subj', `/CN=${name}`, ...files], {
    cwd: directory,
    stdio: 'ignore',
  });
  fs.renameSync(`${directory}/new.crt`, `${directory}/tls.crt`);
}
