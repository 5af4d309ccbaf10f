import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { MetricsPage } from '@app/telemetry';
import { MetricsAccess } from './metrics-access.js';

/**
 * The second port (`METRICS_PORT`): the same routes without a token, for whoever can reach it, and nothing else. It listens
 * before the first port does, and is closed after that has drained, so that the end is seen, too.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;
  private readonly requests = new WeakSet<IncomingMessage>();

  constructor(
    private readonly access: MetricsAccess,
    private readonly host: HttpAdapterHost,
    private readonly page: MetricsPage,
  ) {}

  /** @throws the error of `listen` when the port is in use: the start fails. */
  async onApplicationBootstrap(): Promise<void> {
    const { port, address } = this.access;
    if (port === undefined) return;
    this.server = createServer(this.listener()).listen(port, address);
    await once(this.server, 'listening');
  }

  /** After the other port has drained. */
  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Whether the request came by the second port. */
  took(request: IncomingMessage): boolean {
    return this.requests.has(request);
  }

  private listener(): RequestListener {
    const adapter: HttpAdapterHost['httpAdapter'] | null | undefined = this.host.httpAdapter;
    if (!adapter) return (request, response) => void this.answerAlone(request, response);
    const application: RequestListener = adapter.getInstance();
    return (request, response) => {
      this.requests.add(request);
      application(request, response);
    };
  }

  /** A worker has no routes; its metrics are read all the same. */
  private async answerAlone(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isKnown = request.url === '/metrics' && request.method === 'GET';
    const body = isKnown ? await this.page.read() : '';
    response.writeHead(isKnown ? 200 : 404, { 'Content-Type': this.page.contentType }).end(body);
  }
}
