import { describe, expect, it } from '@jest/globals';
import { eventsOf, type ServerEvent } from './events.js';

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const STREAM =
  ': hello\n\nid: 1\nevent: progress\ndata: {"name":\ndata: "Zoë"}\n\n:\n\ndata:plain\r\n\r\nevent: done\ndata: cut o';

describe('a stream of events', () => {
  it.each([1, 2, 7, 1_000])('in pieces of %d bytes → whole events, without comments and the cut end', async (size) => {
    const events: ServerEvent[] = [];
    for await (const event of eventsOf(cut(STREAM, size))) events.push(event);
    expect(events).toEqual([
      { event: 'progress', data: '{"name":\n"Zoë"}' },
      { event: 'message', data: 'plain' },
    ]);
  });
});
