import { AppError, defineProblem } from '@app/problem';

export const SESSION_NOT_FOUND = defineProblem({
  code: 'session.not_found',
  status: 404,
  title: 'No such session',
  description: 'The session does not exist, has ended, or is not yours.',
});

export const WRONG_PASSWORD = defineProblem({
  code: 'auth.wrong_password',
  status: 422,
  title: 'Wrong password',
  description: '`currentPassword` is not the password of the caller.',
});

export const ACCOUNT_LOCKED = defineProblem({
  code: 'auth.locked',
  status: 429,
  title: 'Too many failed sign-ins',
  description:
    'Too many sign-ins of this account have failed from this address. Until `Retry-After` seconds have passed, none is ' +
    'looked at, whatever its password.',
});

export class SessionNotFoundError extends AppError {
  constructor() {
    super(SESSION_NOT_FOUND, 'There is no such session.');
  }
}

export class WrongPasswordError extends AppError {
  constructor() {
    const detail = 'The current password is wrong.';
    super(WRONG_PASSWORD, detail, { errors: [{ pointer: '/currentPassword', code: 'wrong_password', detail }] });
  }
}

/** The same whether there is such an account or not. */
export class AccountLockedError extends AppError {
  constructor(lockedMs: number) {
    super(ACCOUNT_LOCKED, 'Too many sign-ins of this account have failed from this address.', {
      headers: { 'Retry-After': String(Math.ceil(lockedMs / 1_000)) },
    });
  }
}
