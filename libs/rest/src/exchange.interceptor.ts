import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { defer, finalize, from, map, type Observable } from 'rxjs';
import { BodyReader } from './body.reader.js';
import { KeyedExecution } from './idempotency/keyed-execution.js';
import { Renderer } from './renderer.js';
import { refuseUndeclaredQuery } from './undeclared-query.js';

/**
 * Between the guards and the handler: reads the body, heeds the idempotency key, refuses a query that nobody declared,
 * lets the handler answer, and renders what it returns. One interceptor for these steps, because each more costs every
 * request some 9 µs.
 */
@Injectable()
export class ExchangeInterceptor implements NestInterceptor {
  private readonly log = new AppLogger(ExchangeInterceptor.name);

  constructor(
    private readonly bodies: BodyReader,
    private readonly keyed: KeyedExecution,
    private readonly renderer: Renderer,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> | Promise<Observable<unknown>> {
    const reading = this.bodies.read(context);
    if (!reading) return this.answer(context, next);
    const answered = defer(() => this.answer(context, next)).pipe(finalize(() => void this.release(context)));
    return reading.then(() => answered);
  }

  /** The request is answered: what goes wrong from here on is nobody's but ours to know. */
  private async release(context: ExecutionContext): Promise<void> {
    try {
      await this.bodies.release(context);
    } catch (error) {
      this.log.warn('a body was not released', { error });
    }
  }

  private answer(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handle = (): Observable<unknown> => {
      refuseUndeclaredQuery(context);
      return next.handle().pipe(map((value: unknown) => this.renderer.render(value, context)));
    };
    const keyed = this.keyed.run(context, handle);
    return keyed ? from(keyed) : handle();
  }
}
