import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ForbiddenError } from './access.errors.js';
import { accessRuleOf } from './access-rule.js';
import { callerOf } from './current-user.decorator.js';

/** Closed by default: a route without a rule is refused, though none gets past the start. */
@Injectable()
export class RolesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const rule = accessRuleOf(context);
    if (rule?.kind === 'public' || rule?.kind === 'owner') return true;
    if (rule?.kind === 'roles' && callerOf(context).hasAny(rule.roles)) return true;
    throw new ForbiddenError();
  }
}
