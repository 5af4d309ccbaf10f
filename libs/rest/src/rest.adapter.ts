import type { RequestListener, Server } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Request, Response } from 'express';
import { namesETag } from './entity-tags.js';
import { Export } from './export/export.js';
import { sendExport } from './export/send-export.js';
import { prefers } from './header.decorators.js';
import { isRepresentation, type Representation } from './representation.js';

const CREATED = 201;
const NOT_MODIFIED = 304;
/** Exports that run when the server closes have so long to end; what others wait for should be over before. */
const GRACE_MS = 5_000;
const STALLED_MS = 60_000;

/**
 * Express, but for how it replies: a {@link Representation} is sent as it is, wherever it comes from: as it was made, from a
 * cache, or kept for a repeated request. `If-None-Match` is heeded by RFC 9110 §13.1.2, not by the rules of Express.
 */
export class RestAdapter extends ExpressAdapter {
  private readonly stop = new AbortController();
  private readonly limits = { stop: this.stop.signal, stalledMs: STALLED_MS };

  /** @param createServer makes the server that hands its requests to Express. */
  constructor(
    private readonly express: Express,
    private readonly createServer: (listener: RequestListener) => Server,
  ) {
    super(express);
  }

  override initHttpServer(): void {
    this.httpServer = this.createServer(this.express);
  }

  override reply(response: Response, value: unknown, status?: number): unknown {
    const isExport = value instanceof Export;
    if (!isExport && !isRepresentation(value)) return super.reply(response, value, status);
    if (status !== undefined) response.statusCode = status;
    return isExport ? sendExport(value, response, this.limits) : send(value, response);
  }

  /** First of all that closing does: what drains the server waits for exports, and a slow reader's may last for ever. */
  override beforeClose(): void {
    super.beforeClose();
    setTimeout(() => this.stop.abort(), GRACE_MS).unref();
  }
}

function send(representation: Representation, response: Response): Response {
  const request = response.req;
  const { headers } = representation;
  for (const name in headers) setHeader(response, name, headers[name] ?? '');
  if (isKnown(request, headers['ETag'])) return withoutBody(response, NOT_MODIFIED);
  if (response.statusCode === CREATED && prefers(request.get('prefer'), 'return', 'minimal')) {
    response.setHeader('Preference-Applied', 'return=minimal');
    response.setHeader('Content-Length', 0);
    return withoutBody(response, CREATED);
  }
  response.setHeader('Content-Length', Buffer.byteLength(representation.body));
  return request.method === 'HEAD' ? response.end() : response.end(representation.body);
}

/** What a step before has said, the link to a deprecation or the origin that CORS depends on, is kept. */
function setHeader(response: Response, name: string, value: string): void {
  if (name === 'Link' || name === 'Vary') response.append(name, value);
  else response.setHeader(name, value);
}

/** The reader has these bytes already. */
function isKnown({ method, headers }: Request, etag: string | undefined): boolean {
  const given = headers['if-none-match'];
  if (given === undefined || etag === undefined) return false;
  return (method === 'GET' || method === 'HEAD') && namesETag(given, etag);
}

function withoutBody(response: Response, status: number): Response {
  response.statusCode = status;
  response.removeHeader('Content-Type');
  return response.end();
}
