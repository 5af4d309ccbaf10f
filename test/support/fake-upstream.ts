import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
}

type Listener = (request: http.IncomingMessage, response: http.ServerResponse) => unknown;

/** Several servers behind a balancer that answer as a test says, and remember what reached them. */
export class FakeUpstream {
  readonly seen: SeenRequest[] = [];
  private readonly servers: http.Server[] = [];
  private listener: Listener = answerOk;

  static async start(count = 1): Promise<FakeUpstream> {
    const upstream = new FakeUpstream();
    for (let index = 0; index < count; index += 1) {
      const server = http.createServer((request, response) => upstream.take(request, response));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      upstream.servers.push(server);
    }
    return upstream;
  }

  get ports(): readonly number[] {
    return this.servers.map((server) => Object(server.address()).port);
  }

  /** From now on; what was seen is forgotten. */
  answer(listener: Listener = answerOk): void {
    this.seen.length = 0;
    this.listener = listener;
  }

  /** Whichever server a request reaches first dies over it, once it has come whole; the next one answers. */
  dieOnce(): void {
    const ids = new Set<unknown>();
    this.answer(async (request, response) => {
      const id = request.headers['x-request-id'];
      await buffer(request);
      if (ids.has(id)) response.end('answered');
      else request.socket.destroy();
      ids.add(id);
    });
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private take(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.seen.push({ method: request.method, url: request.url, headers: request.headers });
    void this.listener(request, response);
  }
}

async function answerOk(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  await buffer(request);
  response.setHeader('Strict-Transport-Security', 'max-age=1');
  response.end('ok');
}
