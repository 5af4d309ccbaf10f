import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { currentContext } from './request-context.js';
import { ROUTE_LINE } from './route-line.js';

/** Names the controller method that answers, for the request's line and for every line written on the way. */
@Injectable()
export class LoggingInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = currentContext();
    if (context) {
      const handler = execution.getHandler();
      const line: unknown = Reflect.getMetadata(ROUTE_LINE, handler);
      context.module = execution.getClass().name;
      context.function = handler.name;
      context.line = typeof line === 'number' ? line : null;
    }
    return next.handle();
  }
}
