import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { RequestMalformedError, TooLargeError, UnsupportedMediaTypeError } from '@app/problem';
import type { Request, Response } from 'express';
import { LineInspection } from './line-inspection.js';
import { SpooledBody } from './spooled-body.js';

/** Undone on the way; `identity` is as it is. */
const DECODERS = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * Takes a body of lines off the network into a file, at the pace of its sender, and with little memory. Nothing else
 * waits for it meanwhile: no connection of the database is held.
 *
 * @throws TooLargeError 413, UnsupportedMediaTypeError 415, RequestMalformedError 400, RequestInvalidError 422.
 */
export async function spoolLines(request: Request, response: Response, limitBytes: number): Promise<SpooledBody> {
  const decode = decoderOf(request);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes && !decode) throw new TooLargeError(limitBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  const inspection = new LineInspection(limitBytes);
  const inspect = (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> => inspection.inspect(chunks);
  try {
    return await SpooledBody.of(async (file) => {
      const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of chunks) await file.appendFile(chunk);
      };
      if (decode) await pipeline(chunksOf(request), decode, inspect, sink);
      else await pipeline(chunksOf(request), inspect, sink);
      return inspection.summary;
    });
  } catch (error) {
    request.resume(); // the sender goes on for a while, and would not hear the answer otherwise
    throw readingError(error);
  }
}

/** Without it, a refusal would tear the connection down before it is heard. */
async function* chunksOf(request: Request): AsyncGenerator<Buffer> {
  for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk;
}

function decoderOf({ headers }: Request) {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  const isKnown = encoding === 'identity' || encoding === 'gzip' || encoding === 'deflate' || encoding === 'br';
  if (!isKnown || charset.toLowerCase() !== 'utf-8') {
    throw new UnsupportedMediaTypeError('Bodies are UTF-8, plain or gzip, deflate or br encoded.');
  }
  return encoding === 'identity' ? undefined : DECODERS[encoding]();
}

/** Of the decompression, or of a connection that broke: neither is the fault of the server, or a text for the caller. */
function readingError(error: unknown): unknown {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  const isOfSender = typeof code === 'string' && /^(Z_|ERR_|ECONNRESET|EPIPE)/.test(code);
  return isOfSender ? new RequestMalformedError('The body could not be read to its end.', error) : error;
}
