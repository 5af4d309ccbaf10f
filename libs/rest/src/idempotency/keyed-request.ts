import { hash } from 'node:crypto';
import { currentContext } from '@app/logging';
import type { Request } from 'express';
import { SpooledBody } from '../lines/spooled-body.js';
import { fingerprintOf } from './fingerprint.js';
import { KeyInvalidError } from './idempotency.errors.js';

const HEADER = 'idempotency-key';
const KEY = /^[\x20-\x7e]{1,255}$/;

/** Who asks for what. The same key for another of these is another key. */
interface Target {
  readonly caller: string;
  readonly method: string;
  readonly path: string;
}

/** What was read of requests: the body of a batch is made canonical and hashed once. */
const read = new WeakMap<Request, KeyedRequest>();

/** A request that carries an idempotency key. */
export class KeyedRequest {
  readonly scope: string;
  readonly fingerprint: string;

  private constructor(
    readonly key: string,
    private readonly target: Target,
    body: unknown,
  ) {
    const { caller, method, path } = target;
    this.scope = hash('sha256', [caller, method, path].join('\n'), 'base64url');
    this.fingerprint = fingerprintOf(body);
  }

  /**
   * @returns undefined for a request without the header.
   * @throws KeyInvalidError 400 for a key that is empty, too long, not printable ASCII, or given twice.
   */
  static from(request: Request): KeyedRequest | undefined {
    const known = read.get(request);
    if (known) return known;
    const given = request.headersDistinct[HEADER];
    if (given === undefined) return undefined;
    const [key = ''] = given;
    if (given.length > 1 || !KEY.test(key)) throw new KeyInvalidError();
    const { method, path } = request;
    // Ids are taken in either case, and characters may be sent encoded: all spellings are one path.
    const target = { caller: callerOf(request), method, path: decodeURIComponent(path).toLowerCase() };
    const keyed = new KeyedRequest(key, target, contentOf(request));
    read.set(request, keyed);
    return keyed;
  }

  /** Path of the request. */
  get path(): string {
    return this.target.path;
  }

  /** Number of the lock that keeps a second request with this key out. */
  get lock(): string {
    return hash('sha256', `${this.scope}\n${this.key}`, 'buffer').readBigInt64BE().toString();
  }

  /**
   * One entry of a batch, as if its caller had sent it by itself to the collection that the batch belongs to, with the key
   * `<key>:<index>`: so he can also repeat it there.
   */
  entry(index: number, body: unknown): KeyedRequest {
    const collection = this.target.path.slice(0, this.target.path.lastIndexOf('/'));
    return new KeyedRequest(`${this.key}:${index}`, { ...this.target, path: collection }, body);
  }
}

/** A body of lines is its bytes, and whatever the query says of them. */
function contentOf({ body, query }: Request): unknown {
  return body instanceof SpooledBody ? { lines: body.digest, query } : body;
}

function callerOf({ ip }: Request): string {
  const userId = currentContext()?.userId ?? null;
  return userId === null ? `address ${ip ?? ''}` : `user ${userId}`;
}
