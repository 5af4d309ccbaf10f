/** Lines that are kept, and read, together. */
export interface LinePart {
  /** From 1. */
  readonly firstLine: number;
  /** Whole lines with their breaks; the last line of a body may have none. */
  readonly lines: Buffer;
}

/** A body of lines that can be read several times. */
export interface LineSource {
  read(): AsyncIterable<Buffer>;
}

/** A line that is longer makes a part by itself. */
const PART_BYTES = 256 * 1024;
const BREAK = 10;

/** The chunks cut anew, each into whole lines. */
export async function* partsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<LinePart> {
  let rest: Buffer = Buffer.alloc(0);
  let firstLine = 1;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = endOfPart(rest); end > 0; end = endOfPart(rest)) {
      const lines = rest.subarray(0, end);
      yield { firstLine, lines };
      firstLine += countBreaks(lines);
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) yield { firstLine, lines: rest };
}

/** @returns 0 while there is not enough for a part. */
function endOfPart(bytes: Buffer): number {
  if (bytes.length < PART_BYTES) return 0;
  return bytes.lastIndexOf(BREAK, PART_BYTES - 1) + 1 || bytes.indexOf(BREAK) + 1;
}

function countBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(BREAK); at >= 0; at = bytes.indexOf(BREAK, at + 1)) count += 1;
  return count;
}

/** The lines of a part that have something in them, after the one with this number. */
export function* linesOf({ firstLine, lines }: LinePart, after: number): Generator<{ number: number; text: string }> {
  let number = firstLine;
  for (let start = 0; start < lines.length; number += 1) {
    const at = lines.indexOf(BREAK, start);
    const end = at < 0 ? lines.length : at;
    if (number > after) {
      const text = lineAt(lines.toString('utf8', start, end), number);
      if (text.trim() !== '') yield { number, text };
    }
    start = end + 1;
  }
}

/** Number of the last line that {@link linesOf} gives; undefined when it gives none. */
export function lastLineOf({ firstLine, lines }: LinePart): number | undefined {
  let number = firstLine + countBreaks(lines);
  for (let end = lines.length; number >= firstLine; number -= 1) {
    const at = end > 0 ? lines.lastIndexOf(BREAK, end - 1) : -1;
    if (lines.toString('utf8', at + 1, end).trim() !== '') return number;
    end = at;
  }
  return undefined;
}

/** Without the carriage return of another system, and the mark that some put before the first line. */
function lineAt(text: string, number: number): string {
  const withoutMark = number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
  return withoutMark.endsWith('\r') ? withoutMark.slice(0, -1) : withoutMark;
}
