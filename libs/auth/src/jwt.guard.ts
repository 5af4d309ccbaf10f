import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { currentContext } from '@app/logging';
import { TokenInvalidError, TokenMissingError } from './access.errors.js';
import { type AccessRule, accessRuleOf } from './access-rule.js';
import { type AccessClaims, Caller } from './caller.js';
import { SessionDirectory } from './session-directory.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Lets public routes pass; on all others turns the bearer token into the {@link Caller}, or answers 401. */
@Injectable()
export class JwtGuard extends AuthGuard('jwt') {
  private readonly tokens = new VerifiedTokens();

  constructor(private readonly sessions: SessionDirectory) {
    super();
  }

  override canActivate(context: ExecutionContext) {
    const rule = accessRuleOf(context);
    if (rule?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = bearerOf(request);
    const claims = token === undefined ? undefined : this.tokens.find(token);
    if (!claims) return super.canActivate(context);
    const admit = (isLive: boolean): true => {
      if (!isLive) throw new TokenInvalidError();
      request.user = this.admit(claims, rule);
      return true;
    };
    const live = this.sessions.isLive(claims.sid);
    return typeof live === 'boolean' ? admit(live) : live.then(admit);
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
    const request = execution.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!claims) throw hasBearer(request) ? new TokenInvalidError() : new TokenMissingError();
    const token = bearerOf(request);
    if (token !== undefined) this.tokens.remember(token, claims);
    return this.admit(claims, accessRuleOf(execution));
  }

  private admit(claims: AccessClaims, rule: AccessRule | undefined): Caller {
    const context = currentContext();
    if (context) [context.userId, context.roles] = [claims.sub, claims.roles];
    return new Caller(claims, rule?.kind === 'owner' ? rule.or : []);
  }
}

interface AuthenticatedRequest {
  readonly headers: { readonly authorization?: string };
  user?: Caller;
}

/** Of a header that is nothing but a bearer token: only such a token is remembered. */
function bearerOf({ headers: { authorization = '' } }: AuthenticatedRequest): string | undefined {
  return /^bearer (\S+)$/i.exec(authorization)?.[1];
}

function hasBearer({ headers: { authorization = '' } }: AuthenticatedRequest): boolean {
  return /^bearer\s/i.test(authorization);
}
