import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { namesETag } from './entity-tags.js';
import { prefers } from './header.decorators.js';
import { isRepresentation, type Representation } from './representation.js';

const CREATED = 201;
const NOT_MODIFIED = 304;

/**
 * Express, but for how it replies: a {@link Representation} is sent as it is, wherever it comes from: as it was made, from a
 * cache, or kept for a repeated request. `If-None-Match` is heeded by RFC 9110 §13.1.2, not by the rules of Express.
 */
export class RestAdapter extends ExpressAdapter {
  override reply(response: Response, value: unknown, status?: number): unknown {
    if (!isRepresentation(value)) return super.reply(response, value, status);
    if (status !== undefined) response.statusCode = status;
    return send(value, response);
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

/** A header that a step before has set as well, such as the link to a deprecation, is kept. */
function setHeader(response: Response, name: string, value: string): void {
  if (name === 'Link') response.append(name, value);
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
