import { type ExecutionContext, Injectable } from '@nestjs/common';
import {
  InjectThrottlerOptions,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
} from '@nestjs/throttler';
import {
  THROTTLER_BLOCK_DURATION,
  THROTTLER_LIMIT,
  THROTTLER_TTL,
} from '@nestjs/throttler/dist/throttler.constants.js';
import { currentContext } from '@app/logging';
import type { Request, Response } from 'express';
import { clientAddress } from './client-address.js';
import { HandlerMetadata } from './handler-metadata.js';
import { RATE_LIMIT_WEIGHT } from './rate-limit-weight.decorator.js';
import { isUncounted, RequestLimits } from './request-limits.js';
import { limitKey, RateLimitStore } from './store/rate-limit-store.js';

/** What decorators say of a route beyond its limit and window. */
interface RouteRule {
  readonly cost: number;
  /** Which budget of the tracker it draws on. */
  readonly bucket: string;
  readonly hasBlock: boolean;
}

/**
 * Policy `default`: a budget for each user or, anonymous, each address. A guard behind those that know the caller.
 *
 * `@Throttle()`, `@SkipThrottle()` and the options of `@nestjs/throttler` mean what its documentation says, but for the
 * key: routes share one budget, and only a route (or class) with a `@Throttle()` of its own has a bucket of its own.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly metadata: HandlerMetadata;

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    private readonly store: RateLimitStore,
  ) {
    const metadata = new HandlerMetadata();
    super(options, store, metadata);
    this.metadata = metadata;
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(isUncounted(context.switchToHttp().getRequest<Request>()));
  }

  protected override async handleRequest(asked: ThrottlerRequest): Promise<boolean> {
    const { context, throttler, limit, ttl } = asked;
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const policy = throttler.name ?? 'default';
    const { cost, hasBlock } = this.ruleOf(context, policy);
    // The base class takes the window for the time of a block where none is given; here the window slides instead.
    const isBlocking = hasBlock || throttler.blockDuration !== undefined;
    const hit = {
      key: asked.generateKey(context, await asked.getTracker(request, context), policy),
      limit,
      windowMs: ttl,
      cost,
      blockMs: isBlocking ? asked.blockDuration : 0,
    };
    const verdict = await this.store.take(hit);
    RequestLimits.of(request, response, this.store).charge(policy, { hit, verdict });
    return true;
  }

  protected override getTracker(request: Readonly<Record<string, unknown>>): Promise<string> {
    const userId = currentContext()?.userId;
    if (userId) return Promise.resolve(`u:${userId}`);
    const { ip } = request;
    return Promise.resolve(`a:${clientAddress(typeof ip === 'string' ? ip : undefined)}`);
  }

  protected override generateKey(context: ExecutionContext, tracker: string, policy: string): string {
    return limitKey(tracker, this.ruleOf(context, policy).bucket);
  }

  private ruleOf(context: ExecutionContext, policy: string): RouteRule {
    const [handler, owner] = [context.getHandler(), context.getClass()];
    return this.metadata.once(`rule:${policy}`, [handler, owner], () => {
      const said = <T>(key: string): T | undefined =>
        this.metadata.getAllAndOverride<T | undefined>(key, [handler, owner]);
      const isOwn = [THROTTLER_LIMIT, THROTTLER_TTL].some((name) => said(name + policy) !== undefined);
      return {
        cost: said<number>(RATE_LIMIT_WEIGHT) ?? 1,
        bucket: isOwn ? `${policy}:${owner.name}.${handler.name}` : policy,
        hasBlock: said(THROTTLER_BLOCK_DURATION + policy) !== undefined,
      };
    });
  }
}
