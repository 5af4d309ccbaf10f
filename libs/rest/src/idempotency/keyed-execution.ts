import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { lastValueFrom, type Observable } from 'rxjs';
import { isRepresentation, type Representation } from '../representation.js';
import { type Answer, Idempotency } from './idempotency.js';
import { KeyRequiredError } from './idempotency.errors.js';
import { IDEMPOTENCE, type Idempotence } from './idempotent.decorator.js';
import { KeyedRequest } from './keyed-request.js';

type Handle = () => Observable<unknown>;

/**
 * Carries a request with an `Idempotency-Key` out once, on routes that are `@Idempotent()`. Everything within, from the
 * validation of the input to the last statement, is part of one transaction; see {@link Idempotency}.
 */
@Injectable()
export class KeyedExecution {
  constructor(
    private readonly reflector: Reflector,
    private readonly idempotency: Idempotency,
  ) {}

  /** @returns undefined where no key has to be heeded: then `handle` is the caller's to call. */
  run(context: ExecutionContext, handle: Handle): Promise<unknown> | undefined {
    const idempotence = this.reflector.get<Idempotence | undefined>(IDEMPOTENCE, context.getHandler());
    if (idempotence === undefined) return undefined;
    const http = context.switchToHttp();
    const request = KeyedRequest.from(http.getRequest<Request>());
    if (!request && idempotence !== 'optional') throw new KeyRequiredError();
    if (!request) return undefined;
    if (idempotence === 'per-entry') return this.unlessReused(request, handle);
    return this.once(request, handle, http.getResponse<Response>());
  }

  /** A batch whose key was used by another body is refused, whatever that body is. */
  private async unlessReused(request: KeyedRequest, handle: Handle): Promise<unknown> {
    await this.idempotency.refuseReused(request);
    return lastValueFrom(handle());
  }

  private async once(request: KeyedRequest, handle: Handle, response: Response): Promise<Representation> {
    const outcome = await this.idempotency.run(request, () => answer(handle, response.statusCode));
    response.status(outcome.status);
    if (outcome.isReplay) response.setHeader('Idempotent-Replayed', 'true');
    return outcome.representation;
  }
}

async function answer(handle: Handle, status: number): Promise<Answer> {
  const representation: unknown = await lastValueFrom(handle());
  if (!isRepresentation(representation)) throw new Error('only a Representation can be kept for repetitions');
  return { status, representation };
}
