import { AppError, defineProblem } from '@app/problem';

export const PROBLEM_NOT_FOUND = defineProblem({
  code: 'problem.not_found',
  status: 404,
  title: 'No such problem code',
  description: 'No error has this code; /problems lists those that exist.',
});

export class ProblemNotFoundError extends AppError {
  constructor() {
    super(PROBLEM_NOT_FOUND, 'No error has this code.');
  }
}
