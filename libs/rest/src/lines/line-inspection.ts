import { createHash } from 'node:crypto';
import { RequestInvalidError, RequestMalformedError, TooLargeError } from '@app/problem';

/** A line is read into memory as a whole. */
export const MAX_LINE_BYTES = 1_048_576;

const BREAK = 10;

/** Looks at the lines of a body as they pass, and remembers none. */
export class LineInspection {
  private readonly hash = createHash('sha256');
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private total = 0;
  private line = 1;
  private lineBytes = 0;

  constructor(private readonly limitBytes: number) {}

  /**
   * @throws TooLargeError 413, RequestMalformedError 400 for what is not UTF-8, RequestInvalidError 422 for a line that is
   *   too long.
   */
  async *inspect(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.total += chunk.length;
      if (this.total > this.limitBytes) throw new TooLargeError(this.limitBytes);
      this.decode(chunk);
      this.measure(chunk);
      this.hash.update(chunk);
      yield chunk;
    }
    this.decode();
  }

  /** Of all that has passed. */
  get summary(): { digest: string; bytes: number } {
    return { digest: this.hash.digest('base64url'), bytes: this.total };
  }

  private decode(chunk?: Buffer): void {
    try {
      this.decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new RequestMalformedError('The body is not valid UTF-8.');
    }
  }

  private measure(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(BREAK); at >= 0; at = chunk.indexOf(BREAK, start)) {
      this.lengthen(at - start);
      this.line += 1;
      this.lineBytes = 0;
      start = at + 1;
    }
    this.lengthen(chunk.length - start);
  }

  private lengthen(bytes: number): void {
    this.lineBytes += bytes;
    if (this.lineBytes <= MAX_LINE_BYTES) return;
    const detail = `Line ${this.line} is longer than ${MAX_LINE_BYTES} bytes.`;
    throw new RequestInvalidError([{ pointer: '', code: 'line_too_long', detail }]);
  }
}
