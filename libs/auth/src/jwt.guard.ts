import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { currentContext } from '@app/logging';
import { TokenInvalidError, TokenMissingError } from './access.errors.js';
import { accessRuleOf } from './access-rule.js';
import { type AccessClaims, Caller } from './caller.js';

/** Lets public routes pass; on all others turns the bearer token into the {@link Caller}, or answers 401. */
@Injectable()
export class JwtGuard extends AuthGuard('jwt') {
  override canActivate(context: ExecutionContext) {
    return accessRuleOf(context)?.kind === 'public' ? true : super.canActivate(context);
  }

  // The base class leaves the type of its result to its caller.
  override handleRequest<T = Caller>(
    error: unknown,
    claims: AccessClaims | false,
    _info: unknown,
    execution: ExecutionContext,
  ): T;
  override handleRequest(
    error: unknown,
    claims: AccessClaims | false,
    _info: unknown,
    execution: ExecutionContext,
  ): Caller {
    if (error) throw error;
    if (!claims) throw hasBearer(execution) ? new TokenInvalidError() : new TokenMissingError();
    const context = currentContext();
    if (context) context.userId = claims.sub;
    const rule = accessRuleOf(execution);
    return new Caller(claims, rule?.kind === 'owner' ? rule.or : []);
  }
}

function hasBearer(execution: ExecutionContext): boolean {
  const header = execution.switchToHttp().getRequest<{ headers: { authorization?: string } }>().headers.authorization;
  return header !== undefined && /^bearer\s/i.test(header);
}
