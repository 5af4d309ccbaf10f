import { AppError, defineProblem, RequestInvalidError } from '@app/problem';
import type { JobStatus } from './job-status.js';

export const JOB_NOT_FOUND = defineProblem({
  code: 'job.not_found',
  status: 404,
  title: 'No such job',
  description: 'The job does not exist, or is not yours to see.',
});

export const JOB_NOT_CANCELLABLE = defineProblem({
  code: 'job.not_cancellable',
  status: 409,
  title: 'The job has ended',
  description: 'Only a job that is queued or running can be cancelled; `state` names its state.',
});

export const JOB_NOT_RETRYABLE = defineProblem({
  code: 'job.not_retryable',
  status: 409,
  title: 'The job has not failed',
  description: 'Only a job that has failed can be run again; `state` names its state.',
});

const TOLD: Readonly<Record<JobStatus, string>> = {
  queued: 'is queued',
  running: 'is running',
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'was cancelled',
};

/** A body of lines that is empty, or has blank lines only: it was probably not meant. */
export class NoLinesError extends RequestInvalidError {
  constructor() {
    super([{ pointer: '', code: 'empty', detail: 'The body has no line with anything in it.' }]);
  }
}

export class JobNotFoundError extends AppError {
  constructor() {
    super(JOB_NOT_FOUND, 'There is no such job.');
  }
}

export class JobNotCancellableError extends AppError {
  constructor(state: JobStatus) {
    super(JOB_NOT_CANCELLABLE, `The job ${TOLD[state]}; it cannot be cancelled.`, { extensions: { state } });
  }
}

export class JobNotRetryableError extends AppError {
  constructor(state: JobStatus) {
    super(JOB_NOT_RETRYABLE, `The job ${TOLD[state]}; only failed ones are run again.`, { extensions: { state } });
  }
}
