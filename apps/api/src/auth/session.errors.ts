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
