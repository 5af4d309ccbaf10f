import type { ApiClient } from './api-client.js';
import { until } from './waiting.js';

export interface ServerEvent {
  readonly id: number;
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies are what the tests are about
  readonly data: any;
}

/** Server-sent events as a browser reads them. */
export class EventStream {
  readonly events: ServerEvent[] = [];
  comments = 0;
  hasEnded = false;
  private readonly stopper = new AbortController();

  private constructor(readonly response: Response) {}

  /** @param path after `/api/v1`. */
  static async open(
    { url }: ApiClient,
    path: string,
    { as, headers = {} }: { as: string; headers?: Readonly<Record<string, string>> },
  ): Promise<EventStream> {
    const stopper = new AbortController();
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${as}`, Accept: 'text/event-stream', ...headers },
      signal: stopper.signal,
    });
    const stream = new EventStream(response);
    stream.stopper.signal.addEventListener('abort', () => stopper.abort());
    void stream.read();
    return stream;
  }

  /** Goes away, as a browser does. */
  close(): void {
    this.stopper.abort();
  }

  /** Waits for the end of the stream. */
  async ended(): Promise<readonly ServerEvent[]> {
    await until(() => this.hasEnded);
    return this.events;
  }

  private async read(): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of this.response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = `${rest}${chunk}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) this.hear(block);
      }
    } catch {
      // cut off
    }
    this.hasEnded = true;
  }

  private hear(block: string): void {
    if (block.startsWith(':')) this.comments += 1;
    const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), valueOf(line)]));
    const data = fields.get('data');
    if (data !== undefined) {
      this.events.push({ id: Number(fields.get('id')), event: fields.get('event') ?? '', data: JSON.parse(data) });
    }
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).trimStart();
}
