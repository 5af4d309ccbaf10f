import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Caller } from './caller.js';

/** The {@link Caller} as a parameter of a controller method; only on routes that are not `@Public()`. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext) => callerOf(context));

/** @throws Error on a public route: nobody is signed in there. */
export function callerOf(context: ExecutionContext): Caller {
  const { user } = context.switchToHttp().getRequest<{ user?: unknown }>();
  if (user instanceof Caller) return user;
  throw new Error('there is no caller on a public route');
}
