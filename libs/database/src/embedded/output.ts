import type { Readable } from 'node:stream';

const KEPT_LINES = 20;

/** Reads a stream for as long as it lasts, line by line, and remembers the last 20 lines for error messages. */
export class Output {
  readonly #onLine: (line: string) => void;
  readonly #kept: string[] = [];
  #unfinished = '';

  /** @param onLine called once a line, without the line break */
  constructor(stream: Readable | null, onLine: (line: string) => void) {
    this.#onLine = onLine;
    stream?.setEncoding('utf8').on('data', (chunk: string) => this.#take(chunk));
    // A broken pipe means that the process is ending, which its 'exit' event reports.
    stream?.on('error', () => undefined);
  }

  /** The last lines, joined with line breaks. */
  get tail(): string {
    return [...this.#kept, this.#unfinished].join('\n').trim();
  }

  #take(chunk: string): void {
    const lines = (this.#unfinished + chunk).split(/\r?\n/);
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      this.#kept.push(line);
      if (this.#kept.length > KEPT_LINES) this.#kept.shift();
      this.#onLine(line);
    }
  }
}
