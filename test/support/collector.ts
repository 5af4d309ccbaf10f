import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { canConnect, freePort } from './throw-away-redis.js';
import { type ExportedSpan, spansOf } from './otlp.js';
import { until } from './waiting.js';

/** Takes traces by OTLP over HTTP, as a collector does, on one port for all its life. */
export class Collector {
  readonly spans: ExportedSpan[] = [];
  private readonly sockets = new Set<Socket>();
  private server: http.Server | undefined;
  private isFrozen = false;
  /** Batches that have come, answered or not. */
  asked = 0;

  private constructor(private readonly port: number) {}

  static async start(): Promise<Collector> {
    const collector = new Collector(await freePort());
    await collector.startAgain();
    return collector;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async startAgain(): Promise<void> {
    const server = http.createServer((request, response) => void this.take(request, response));
    server.on('connection', (socket) => this.sockets.add(socket));
    this.server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** Takes connections and requests, and answers nobody. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    this.cut();
  }

  /** Its port is closed. */
  async stop(): Promise<void> {
    this.server?.close();
    this.cut();
    await until(async () => !(await canConnect(this.port)));
  }

  /** Waits for the spans of this trace until `areThere`. */
  async of(traceId: string, areThere: (spans: readonly ExportedSpan[]) => boolean): Promise<ExportedSpan[]> {
    const found = () => this.spans.filter((span) => span.traceId === traceId);
    await until(() => areThere(found()));
    return found();
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    this.asked += 1;
    if (this.isFrozen) return;
    const isTraces = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
    if (isTraces) this.spans.push(...spansOf(Buffer.concat(chunks)));
    response.writeHead(isTraces ? 200 : 400).end();
  }
}
