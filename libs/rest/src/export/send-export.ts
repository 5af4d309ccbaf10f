import { AppLogger } from '@app/logging';
import type { Response } from 'express';
import type { Export } from './export.js';

const log = new AppLogger('Export');
/** What ends an export before its end, besides the caller. */
export interface ExportLimits {
  /** Aborted when running exports have to end. */
  readonly stop: AbortSignal;
  /** A caller who takes nothing for so long has gone without saying so, or holds the connection for its own sake. */
  readonly stalledMs: number;
}

/**
 * Sends as fast as the caller reads: the next batch is asked for when the buffers have taken the one before, so a slow
 * reader costs no query, no transaction and one batch of memory. When he goes away, what is being read is read to its end
 * and nothing more is.
 *
 * A failure on the way cuts the connection: an export that ends as it should is whole.
 */
export async function sendExport(
  { headers, chunks }: Export,
  response: Response,
  { stop, stalledMs }: ExportLimits,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.setTimeout(stalledMs, () => response.destroy());
  const cut = (): void => void response.destroy();
  stop.addEventListener('abort', cut);
  try {
    await pump(chunks, response);
    stop.throwIfAborted();
  } catch (error) {
    response.destroy();
    log.error('export broken off', { error });
  } finally {
    stop.removeEventListener('abort', cut);
  }
}

/** Until all is sent, or nobody is there to take it. */
async function pump(chunks: AsyncIterable<string>, response: Response): Promise<void> {
  for await (const text of chunks) {
    if (response.destroyed) return; // he went while it was made
    if (!response.write(text)) await drained(response);
    if (response.destroyed) return; // he went while it was sent
  }
  response.end();
}

/** Resolves when the buffers have room again, or when it is over. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
