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
