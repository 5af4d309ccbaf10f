import { AppError, defineProblem } from '@app/problem';

export const USER_NOT_FOUND = defineProblem({
  code: 'user.not_found',
  status: 404,
  title: 'No such user',
  description: 'The user does not exist, was deleted, or is not yours to see.',
});

export const EMAIL_TAKEN = defineProblem({
  code: 'user.email_taken',
  status: 409,
  title: 'Email address taken',
  description: 'Another user has this email address; upper and lower case do not differ. Deleted users do not count.',
});

export const USER_NOT_DELETED = defineProblem({
  code: 'user.not_deleted',
  status: 409,
  title: 'User not deleted',
  description: 'Only a deleted user can be restored.',
});

export const USER_ERASED = defineProblem({
  code: 'user.erased',
  status: 409,
  title: 'User erased',
  description: 'Nothing is left of this user that could be restored.',
});

export const USER_NOT_ERASABLE = defineProblem({
  code: 'user.not_erasable',
  status: 409,
  title: 'User cannot be erased',
  description:
    'Nobody erases himself, and the last admin who can sign in stays: otherwise nobody would be left to let anybody in.',
});

export class UserNotFoundError extends AppError {
  constructor() {
    super(USER_NOT_FOUND, 'There is no such user.');
  }
}

export class EmailTakenError extends AppError {
  constructor(cause?: unknown) {
    super(EMAIL_TAKEN, 'Another user has this email address.', { cause });
  }
}

export class UserNotDeletedError extends AppError {
  constructor() {
    super(USER_NOT_DELETED, 'This user is not deleted.');
  }
}

export class UserErasedError extends AppError {
  constructor() {
    super(USER_ERASED, 'This user was erased.');
  }
}

export class UserNotErasableError extends AppError {
  constructor(detail: string) {
    super(USER_NOT_ERASABLE, detail);
  }
}
