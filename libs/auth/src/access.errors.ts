import { AppError, defineProblem } from '@app/problem';

export const TOKEN_MISSING = defineProblem({
  code: 'auth.token_missing',
  status: 401,
  title: 'No access token',
  description: 'The route needs `Authorization: Bearer <access token>`; POST /api/v1/auth/token issues one.',
});

export const TOKEN_INVALID = defineProblem({
  code: 'auth.token_invalid',
  status: 401,
  title: 'Invalid access token',
  description: 'The access token is malformed, expired, or its session has ended. Refresh it or sign in again.',
});

export const FORBIDDEN = defineProblem({
  code: 'auth.forbidden',
  status: 403,
  title: 'Forbidden',
  description: 'The caller is known, but lacks the role that this needs.',
});

export class TokenMissingError extends AppError {
  constructor() {
    super(TOKEN_MISSING, 'This route needs an access token.', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
}

export class TokenInvalidError extends AppError {
  constructor() {
    super(TOKEN_INVALID, 'The access token is not valid, or no longer.', {
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    });
  }
}

export class ForbiddenError extends AppError {
  constructor(detail = 'The caller lacks the role that this route needs.') {
    super(FORBIDDEN, detail);
  }
}
