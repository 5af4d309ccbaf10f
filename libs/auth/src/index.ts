export { ACCESS_EXTENSION, type AccessRule, isAccessRule, OwnerOr, Public, Roles } from './access-rule.js';
export { AccessModule } from './access.module.js';
export { AccessOptions } from './access-options.js';
export {
  ForbiddenError,
  TokenInvalidError,
  TokenMissingError,
  FORBIDDEN,
  TOKEN_INVALID,
  TOKEN_MISSING,
} from './access.errors.js';
export { type AccessClaims, Caller } from './caller.js';
export { CurrentUser } from './current-user.decorator.js';
export { JwtGuard } from './jwt.guard.js';
export { PasswordHasher } from './password-hasher.js';
export { PasswordPolicy } from './password-policy.js';
export { RolesGuard } from './roles.guard.js';
export { SessionDirectory } from './session-directory.js';
export { SigningKeys } from './signing-keys.js';
