import { AppError, InternalError } from '@app/problem';
import type { StopReason } from './attempt.js';
import { JobLostError } from '../job-lost.error.js';

/** What an attempt came to. */
export type JobOutcome =
  | { readonly kind: 'succeeded'; readonly result: object }
  /** For good: another attempt would come to the same. */
  | { readonly kind: 'failed'; readonly error: AppError }
  /** To be tried again, if it may be. */
  | { readonly kind: 'broken'; readonly error: unknown }
  /** To be taken over by another process. */
  | { readonly kind: 'handed_back' }
  /** Nothing of it counts. */
  | { readonly kind: 'lost' };

/** The attempt took longer than its type allows. */
export class DeadlineError extends Error {
  constructor() {
    super('the attempt has passed its deadline');
    this.name = DeadlineError.name;
  }
}

/** The process that had the job ended again and again, before anything was done. */
export class InterruptedError extends Error {
  constructor() {
    super('every attempt was cut off');
    this.name = InterruptedError.name;
  }
}

/** What a stopped attempt comes to, unless its handler had finished all the same. */
export function outcomeOfStop(reason: StopReason): JobOutcome {
  if (reason === 'stopping') return { kind: 'handed_back' };
  return reason === 'deadline' ? { kind: 'broken', error: new DeadlineError() } : { kind: 'lost' };
}

/** What an error of a handler means. Ours are answers, which stay the same; but those of 500 and up are accidents. */
export function outcomeOfError(error: unknown): JobOutcome {
  if (error instanceof JobLostError) return { kind: 'lost' };
  if (error instanceof AppError && error.problem.status < 500) return { kind: 'failed', error };
  return { kind: 'broken', error };
}

/** What consumers may see of it. */
export function visibleError(error: unknown): AppError {
  return error instanceof AppError ? error : new InternalError(error);
}
