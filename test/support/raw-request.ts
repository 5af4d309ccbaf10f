import { request } from 'node:http';
import type { ApiClient, Reply } from './api-client.js';

export interface RawAsk {
  readonly method?: string;
  /** The request target to the letter: broken, absolute, or `*`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Bytes of the body; a list is sent chunked. */
  readonly body?: Buffer | string | readonly (Buffer | string)[];
}

/** A request as no client library would send it; its answer is not held against the OpenAPI document. */
export function rawRequest(
  { url }: Pick<ApiClient, 'url'>,
  { method = 'GET', target, headers = {}, body }: RawAsk,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, path: target, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
        resolve({
          status: response.statusCode ?? 0,
          headers: flat(response.headers),
          text,
          body: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    call.on('error', reject);
    if (Array.isArray(body)) for (const chunk of body) call.write(chunk);
    call.end(Array.isArray(body) ? undefined : body);
  });
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
