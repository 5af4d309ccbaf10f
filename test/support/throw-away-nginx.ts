import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { programFile } from './installed.js';
import { end } from './processes.js';
import { canConnect, freePort } from './throw-away-redis.js';
import { until } from './waiting.js';

const CONFIGURATION = path.resolve('deploy/nginx');
const NEW_CERTIFICATE = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';

/**
 * Debian's nginx with deploy/nginx as it stands, in front of several servers. Of the test's own is only what a machine
 * decides: ports, servers, certificate.
 */
export class ThrowAwayNginx {
  private constructor(
    /** HTTPS; this process trusts the certificate. */
    readonly url: string,
    /** The same server by plain HTTP, for loads that shall not be a measurement of TLS. */
    readonly plainUrl: string,
    /** Answers with the way to HTTPS. */
    readonly redirectUrl: string,
    private readonly directory: string,
    private readonly server: ChildProcess,
  ) {}

  /** @param ports of the servers, on this machine. */
  static async start(ports: readonly number[]): Promise<ThrowAwayNginx> {
    const file = programFile('nginx');
    if (file === undefined) throw new Error('nginx is not installed');
    const [secure, plain, redirect] = [await freePort(), await freePort(), await freePort()];
    const directory = prepare({
      'listen.conf': `listen 127.0.0.1:${secure} ssl http2 backlog=4096;
listen 127.0.0.1:${plain} backlog=4096;
ssl_certificate tls.crt;
ssl_certificate_key tls.key;
`,
      'redirect.conf': `listen 127.0.0.1:${redirect};\n`,
      'servers.conf': ports.map((port) => `server 127.0.0.1:${port} max_fails=3 fail_timeout=2s;\n`).join(''),
    });
    const logs = ['access.log', 'error.log'].map((name) => fs.openSync(`${directory}/${name}`, 'a'));
    const server = spawn(file, ['-p', `${directory}/`, '-e', 'stderr', '-c', `${directory}/nginx.conf`], {
      stdio: ['ignore', ...logs],
    });
    for (const log of logs) fs.closeSync(log);
    const [url, plainUrl, redirectUrl] = [
      `https://127.0.0.1:${secure}`,
      `http://127.0.0.1:${plain}`,
      `http://127.0.0.1:${redirect}`,
    ];
    const nginx = new ThrowAwayNginx(url, plainUrl, redirectUrl, directory, server);
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`nginx ended with ${server.exitCode}: ${nginx.errors}`);
      return canConnect(secure);
    });
    return nginx;
  }

  /** What it complained of: servers that it did not reach, above all. */
  get errors(): string {
    return fs.readFileSync(`${this.directory}/error.log`, 'utf8');
  }

  /** One for each request that has ended. */
  get lines(): readonly Record<string, string>[] {
    const lines = fs.readFileSync(`${this.directory}/access.log`, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line): Record<string, string> => JSON.parse(line));
  }

  async remove(): Promise<void> {
    await end(this.server, 'SIGTERM');
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

/** @param site what a machine decides, by file. @returns a directory that nginx' workers may enter, whoever they are. */
function prepare(site: Readonly<Record<string, string>>): string {
  const directory = fs.mkdtempSync('/tmp/plinth-nginx-');
  fs.chmodSync(directory, 0o755);
  for (const shared of ['nginx.conf', 'snippets'])
    fs.symlinkSync(`${CONFIGURATION}/${shared}`, `${directory}/${shared}`);
  fs.mkdirSync(`${directory}/site`);
  for (const [name, text] of Object.entries(site)) fs.writeFileSync(`${directory}/site/${name}`, text);
  execFileSync(
    'openssl',
    [...NEW_CERTIFICATE.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1', '-out', 'tls.crt', '-keyout', 'tls.key'],
    { cwd: directory, stdio: 'ignore' },
  );
  tls.setDefaultCACertificates([...tls.getCACertificates(), fs.readFileSync(`${directory}/tls.crt`, 'utf8')]);
  return directory;
}
