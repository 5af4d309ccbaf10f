import type { Problem } from '@app/problem';
import { USER_NOT_ERASABLE, USER_NOT_FOUND } from '../users/index.js';

/** What handlers refuse when their job is started, by operation: the feature whose route it is does not know them. */
export const JOB_PROBLEMS: Readonly<Record<string, readonly Problem[]>> = {
  startJob: [USER_NOT_ERASABLE, USER_NOT_FOUND],
};
