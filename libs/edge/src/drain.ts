import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DrainOptions } from './drain-options.js';
import { nobodyWaits, stopListening } from './server/listen.js';

/** A balancer that meets a closed door stops coming; until then its last requests arrive on connections it has. */
const LINGER_MS = 1_000;

/**
 * The end of the server, so that no request is lost:
 *
 * 1. From the first moment readiness says no; everything is served as ever, for as long as balancers need to notice.
 * 2. New connections are refused. What comes on those that exist is answered with `Connection: close`.
 * 3. Connections that ask nothing are cut, and the running requests end.
 */
@Injectable()
export class Drain implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly open = new Set<Socket>();
  private readonly running = new Set<ServerResponse>();
  private isStopping = false;
  private isClosing = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly options: DrainOptions,
  ) {}

  /** From the signal on. */
  get isDraining(): boolean {
    return this.isStopping;
  }

  onModuleInit(): void {
    this.server?.on('connection', (socket) => this.watch(socket));
    this.server?.prependListener('request', (_, response) => this.follow(response));
  }

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** @returns when the running requests are answered and nothing listens. */
  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const { delayMs } = this.options;
    await delay(delayMs);
    await nobodyWaits(server);
    const closed = stopListening(server);
    this.isClosing = true;
    for (const response of this.running) sayLast(response);
    if (delayMs > 0) await Promise.race([closed, delay(LINGER_MS)]);
    this.cutIdle();
    server.close(); // ends what Node keeps for a server: its timers
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
    if (this.isClosing) sayLast(response);
    this.running.add(response);
    response.once('close', () => this.running.delete(response));
  }

  /** Browsers and balancers open some connections in advance, and Node would wait for them. */
  private cutIdle(): void {
    const busy = new Set([...this.running].map(({ socket }) => socket));
    for (const socket of this.open) if (!busy.has(socket)) socket.destroy();
  }
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
