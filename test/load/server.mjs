import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import { ANALYST, PASSWORD } from './seed/statements.mjs';

const LIMIT = '1000000';
/** Half of its life. */
const TOKEN_MS = 900_000;

/** The built application on a seeded database, and a client of the analyst or another. */
export class Server {
  tokenUntil = 0;

  /** @param environment over the usual: no cache, limits that nobody meets. */
  static async start(databaseUrl, environment = {}) {
    const env = {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      CACHE: 'off',
      DEMO_DATA: 'false',
      LOG_FORMAT: 'json',
      RATE_LIMIT_MAX: LIMIT,
      RATE_LIMIT_ADDRESS_MAX: LIMIT,
      DATABASE_STATEMENT_TIMEOUT_MS: '600000',
      ...environment,
    };
    const child = spawn(process.execPath, ['dist/apps/api/src/main.js'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    return new Server(child, await listening(child));
  }

  constructor(child, url) {
    this.child = child;
    this.url = url;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** @returns `{ ms, body }`. @throws Error unless the answer is a 200. */
  async get(path) {
    if (this.tokenUntil < Date.now()) await this.signIn();
    const startedAt = performance.now();
    const request = http.get(`${this.url}/api/v1${path}`, {
      agent: this.agent,
      headers: { authorization: `Bearer ${this.token}` },
    });
    const [response] = await once(request, 'response');
    const body = await text(response);
    if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode} ${body}`);
    return { ms: performance.now() - startedAt, body: JSON.parse(body) };
  }

  async signIn(username = ANALYST) {
    const body = new URLSearchParams({ grant_type: 'password', username, password: PASSWORD });
    const answer = await fetch(`${this.url}/api/v1/auth/token`, { method: 'POST', body });
    const { access_token: token } = await json(answer.body);
    if (token === undefined) throw new Error(`${username} is not let in: ${answer.status}`);
    this.token = token;
    this.tokenUntil = Date.now() + TOKEN_MS;
  }

  async stop() {
    this.agent.destroy();
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** @returns where it listens. @throws Error when it ends before. */
async function listening(child) {
  const said = [];
  for await (const line of createInterface(child.stdout)) {
    const { message, url } = JSON.parse(line);
    if (message === 'listening') {
      child.stdout.resume(); // what it says from now on is of no interest, and must not fill the pipe
      return url;
    }
    said.push(line);
  }
  throw new Error(`the server did not start: ${said.join('\n')}`);
}
