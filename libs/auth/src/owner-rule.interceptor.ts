import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { callerOf } from './current-user.decorator.js';

/** Turns a forgotten owner check into an error: no answer of an `@OwnerOr()` route leaves before somebody asked. */
@Injectable()
export class OwnerRuleInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const caller = callerOf(context);
    return next.handle().pipe(
      tap(() => {
        if (!caller.ownershipChecked) throw new Error(`${context.getHandler().name} never asked caller.mayAccess()`);
      }),
    );
  }
}
