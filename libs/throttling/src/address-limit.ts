import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { RateLimitOptions } from './rate-limit-options.js';
import { leaveUncounted, RequestLimits } from './request-limits.js';
import { type Hit, limitKey, RateLimitStore } from './store/rate-limit-store.js';

export const DEFAULT_POLICY = 'default';
const ADDRESS_POLICY = 'address';

/**
 * Policy `address`: a budget for each address, whoever asks from there. Express middleware before the router, so that
 * unknown paths and bad tokens count too.
 *
 * In the same round trip it looks at the anonymous `default` budget: the headers of answers that never get to the guard
 * tell of that one.
 */
@Injectable()
export class AddressLimit {
  private readonly windowMs: number;

  constructor(
    private readonly store: RateLimitStore,
    private readonly options: RateLimitOptions,
  ) {
    this.windowMs = options.windowS * 1_000;
  }

  /** Express turns a rejection into an answer. */
  readonly handle = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (this.options.uncounted.test(request.path)) leaveUncounted(request);
    else await this.charge(request, response);
    next();
  };

  private async charge(request: Request, response: Response): Promise<void> {
    const { store, options, windowMs } = this;
    const limits = RequestLimits.of(request, response, store);
    const tracker = limits.addressTracker;
    const hit: Hit = { key: limitKey(tracker, ADDRESS_POLICY), limit: options.addressMax, windowMs, cost: 1 };
    const look: Hit = { key: limitKey(tracker, DEFAULT_POLICY), limit: options.max, windowMs, cost: 0 };
    const [verdict, seen] = await store.takeAll([hit, look]);
    if (!verdict || !seen) throw new Error('the store gave no verdict');
    limits.show(DEFAULT_POLICY, { hit: look, verdict: seen });
    limits.charge(ADDRESS_POLICY, { hit, verdict }, false);
  }
}
