import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { from, isObservable, mergeAll, type Observable, throwError } from 'rxjs';

/**
 * Interceptors, one within the other, as one. Each layer that Nest puts around a handler itself binds an asynchronous
 * scope and subscribes several times, which costs a request some 9 µs; a link of the chain costs a call.
 */
export class InterceptorChain implements NestInterceptor {
  /** @param links the outermost first. */
  constructor(private readonly links: readonly NestInterceptor[]) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return this.enter(0, context, next);
  }

  private enter(index: number, context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const link = this.links[index];
    if (!link) return next.handle();
    try {
      const answer = link.intercept(context, { handle: () => this.enter(index + 1, context, next) });
      return isObservable(answer) ? answer : from(answer).pipe(mergeAll());
    } catch (error) {
      return throwError(() => error);
    }
  }
}
