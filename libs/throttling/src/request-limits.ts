import { onHead } from '@app/logging';
import type { Request, Response } from 'express';
import { clientAddress } from './client-address.js';
import { countVerdict } from './rate-limit.metrics.js';
import { RateLimitExceededError } from './rate-limit.errors.js';
import type { Charge, Hit, RateLimitStore, Verdict } from './store/rate-limit-store.js';

const SECOND_MS = 1_000;
const NOT_MODIFIED = 304;
const LIMITS = Symbol('limits');

/** On the request itself: a WeakMap of short-lived keys costs the garbage collector more than all of this. */
interface LimitedRequest extends Request {
  [LIMITS]?: RequestLimits | 'uncounted';
}

/** Free, and without headers of limits. */
export function leaveUncounted(request: LimitedRequest): void {
  request[LIMITS] = 'uncounted';
}

export function isUncounted(request: LimitedRequest): boolean {
  return request[LIMITS] === 'uncounted';
}

/**
 * What limits have to do with one request: what it was charged, and the headers that tell of it. They are written with
 * the head of the answer, because only then it is known whether it is a 304: that costs nothing.
 */
export class RequestLimits {
  /** The anonymous caller. */
  readonly addressTracker: string;
  private readonly charges: Charge[] = [];
  private shown: { readonly policy: string; readonly hit: Hit; readonly verdict: Verdict } | undefined;

  private constructor(
    { ip }: Pick<Request, 'ip'>,
    private readonly response: Response,
    private readonly store: RateLimitStore,
  ) {
    this.addressTracker = `a:${clientAddress(ip)}`;
    onHead(response, (status) => this.complete(status));
  }

  static of(request: LimitedRequest, response: Response, store: RateLimitStore): RequestLimits {
    const known = request[LIMITS];
    if (known instanceof RequestLimits) return known;
    const limits = new RequestLimits(request, response, store);
    request[LIMITS] = limits;
    return limits;
  }

  /** @param shows whether the headers tell of this policy even if it admits. @throws RateLimitExceededError */
  charge(policy: string, counted: { readonly hit: Hit; readonly verdict: Verdict }, shows = true): void {
    const { hit, verdict } = counted;
    countVerdict(policy, verdict.admitted);
    if (shows || !verdict.admitted) this.show(policy, counted);
    if (!verdict.admitted) throw new RateLimitExceededError(policy);
    if (hit.cost > 0) this.charges.push({ ...hit, at: verdict.at, isLocal: verdict.isLocal });
  }

  /** The headers tell of this policy. */
  show(policy: string, counted: { readonly hit: Hit; readonly verdict: Verdict }): void {
    this.shown = { policy, ...counted };
  }

  private complete(status: number): void {
    const isFree = status === NOT_MODIFIED && this.charges.length > 0;
    this.writeHeaders(isFree);
    if (isFree) void this.store.giveBack(this.charges);
  }

  private writeHeaders(isFree: boolean): void {
    if (!this.shown) return;
    const { policy, hit, verdict } = this.shown;
    const isGivenBack = isFree && this.charges.some(({ key }) => key === hit.key);
    const remaining = isGivenBack ? Math.min(hit.limit, verdict.remaining + hit.cost) : verdict.remaining;
    const t = Math.ceil(waitOf(verdict, { remaining, isGivenBack }) / SECOND_MS);
    const { response } = this;
    response.setHeader('RateLimit-Policy', `"${policy}";q=${hit.limit};w=${Math.ceil(hit.windowMs / SECOND_MS)}`);
    response.setHeader('RateLimit', `"${policy}";r=${remaining};t=${t}`);
    response.setHeader('X-RateLimit-Limit', hit.limit);
    response.setHeader('X-RateLimit-Remaining', remaining);
    response.setHeader('X-RateLimit-Reset', t);
    if (!verdict.admitted && hit.cost > 0) response.setHeader('Retry-After', t);
  }
}

/** Until something is free again, where nothing is or the request was denied; or else until all is. */
function waitOf(verdict: Verdict, now: { readonly remaining: number; readonly isGivenBack: boolean }): number {
  if (now.remaining === 0 || !verdict.admitted) return verdict.waitMs;
  return now.isGivenBack ? verdict.resetBeforeMs : verdict.resetMs;
}
