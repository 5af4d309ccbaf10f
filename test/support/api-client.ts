import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import request from 'supertest';
import type { Contract } from './contract.js';
import type { LogCapture } from './log-capture.js';

const KEY = 'Idempotency-Key';

export interface Ask {
  /** Access token. */
  readonly as?: string | undefined;
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends no key where the operation requires one; otherwise it gets a fresh one, unless `headers` has it. */
  readonly withoutKey?: boolean;
}

/** An answer, already held against the OpenAPI document. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The JSON body; undefined when there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies are what the tests are about; the contract has checked their shape
  readonly body: any;
}

/** Calls the API; an answer that the OpenAPI document does not allow fails the test that asked. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly contract: Contract,
    private readonly log: LogCapture,
  ) {}

  get(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('GET', path, ask);
  }

  head(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('HEAD', path, ask);
  }

  post(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('POST', path, ask);
  }

  put(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('PUT', path, ask);
  }

  patch(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('PATCH', path, ask);
  }

  delete(path: string, ask: Ask = {}): Promise<Reply> {
    return this.send('DELETE', path, ask);
  }

  /** @param path after `/api/v1`, or from the root with `//`: `//health/ready`. */
  async send(method: string, path: string, { as, body, headers = {}, withoutKey = false }: Ask): Promise<Reply> {
    const target = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
    const needsKey = !withoutKey && this.contract.needs(KEY, { method, path: target });
    const agent = request(this.url);
    const call = agent[verb(method)](target)
      .redirects(0)
      .ok(() => true)
      .buffer(true)
      .parse(readText);
    if (as !== undefined) void call.set('Authorization', `Bearer ${as}`);
    if (needsKey) void call.set(KEY, randomUUID());
    for (const [name, value] of Object.entries(headers)) void call.set(name, value);
    if (body !== undefined && headers['Content-Type'] === undefined) void call.type('json');
    this.remember(as, body);
    const response = await (body === undefined
      ? call
      : call.send(typeof body === 'string' ? body : JSON.stringify(body)));
    const text = typeof response.body === 'string' ? response.body : '';
    const reply: Reply = {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed(text, response.type),
    };
    this.remember(reply.body?.access_token, reply.body);
    this.contract.assertKept({ method, path: target, ...reply });
    return reply;
  }

  /** Tokens and passwords, so that the log can be searched for them. */
  private remember(token: string | undefined, body: unknown): void {
    this.log.keepsSecret(token);
    if (typeof body !== 'object' || body === null) return;
    for (const name of ['password', 'currentPassword', 'newPassword', 'access_token', 'refresh_token', 'token']) {
      const value: unknown = Reflect.get(body, name);
      if (typeof value === 'string') this.log.keepsSecret(value);
    }
  }
}

function verb(method: string) {
  const lower = method.toLowerCase();
  if (
    lower === 'get' ||
    lower === 'head' ||
    lower === 'post' ||
    lower === 'put' ||
    lower === 'patch' ||
    lower === 'delete' ||
    lower === 'options'
  ) {
    return lower;
  }
  throw new Error(`no such method: ${method}`);
}

/** Keeps the bytes as they came: superagent would parse some types and not others. */
function readText(response: unknown, done: (error: Error | null, text: string) => void): void {
  if (!(response instanceof Readable)) throw new Error('superagent gives its parsers a stream');
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)));
  response.on('end', () => done(null, Buffer.concat(chunks).toString('utf8')));
}

function parsed(text: string, type: string): unknown {
  return text !== '' && /[/+]json$/.test(type) ? JSON.parse(text) : undefined;
}
