import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Follows the connections of the server, so that none of them keeps it when it closes. */
@Injectable()
export class Connections implements OnModuleInit, BeforeApplicationShutdown {
  private readonly open = new Set<Socket>();
  private readonly running = new Set<ServerResponse>();

  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    this.server?.on('connection', (socket) => this.watch(socket));
    this.server?.prependListener('request', (_, response) => this.follow(response));
  }

  /**
   * Takes no more connections, cuts those that have not asked anything (browsers and balancers open some in advance, and
   * Node would wait for them), and resolves when the running requests are answered.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    const busy = new Set([...this.running].map(({ socket }) => socket));
    for (const socket of this.open) if (!busy.has(socket)) socket.destroy();
    for (const response of this.running) if (!response.headersSent) response.setHeader('Connection', 'close');
    await closed;
  }

  /** A worker has none. */
  private get server(): Server | undefined {
    const adapter: HttpAdapterHost['httpAdapter'] | null = this.host.httpAdapter;
    return adapter?.getHttpServer();
  }

  private watch(socket: Socket): void {
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
  }

  private follow(response: ServerResponse): void {
    this.running.add(response);
    response.once('close', () => this.running.delete(response));
  }
}
