import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface WireAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies are what the tests are about
  readonly body: any;
  /** From the first byte sent to the last received. */
  readonly ms: number;
}

export interface WireAsk {
  readonly as?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client for thousands of requests: connections are kept, and answers are not held against the document. */
export class Wire {
  private readonly protocol: typeof http | typeof https;
  private readonly agent: http.Agent;

  constructor(readonly url: string) {
    this.protocol = url.startsWith('https:') ? https : http;
    this.agent = new this.protocol.Agent({ keepAlive: true, maxSockets: 64 });
  }

  get(path: string, ask: WireAsk = {}): Promise<WireAnswer> {
    return this.send('GET', path, ask);
  }

  post(path: string, ask: WireAsk = {}): Promise<WireAnswer> {
    return this.send('POST', path, ask);
  }

  patch(path: string, ask: WireAsk = {}): Promise<WireAnswer> {
    return this.send('PATCH', path, { ...ask, headers: { 'If-Match': '*', ...ask.headers } });
  }

  /** @param path after `/api/v1`. @throws Error when the connection fails. */
  async send(method: string, path: string, { as, body, headers = {} }: WireAsk): Promise<WireAnswer> {
    const startedAt = performance.now();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const request = this.protocol.request(`${this.url}/api/v1${path}`, {
      method,
      agent: this.agent,
      headers: {
        ...(payload !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(payload),
        }),
        ...headers,
        ...(as !== undefined && { Authorization: `Bearer ${as}` }),
      },
    });
    request.end(payload);
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    if (!response) throw new Error('no response');
    const received = await text(response);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: /^[[{]/.test(received) ? JSON.parse(received) : received, // nginx has pages of its own
      ms: performance.now() - startedAt,
    };
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Runs `work` for 0, 1, … `times` - 1, so many at a time. */
export async function inLanes(lanes: number, times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
