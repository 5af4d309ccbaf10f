import type { Type } from '@nestjs/common';
import type { JobRun } from './job-run.js';

/** What a feature says of one kind of work. */
export interface JobType<P extends object> {
  /** `<thing>.<verb>`, such as `orders.import`: the `type` that clients name, and the name of the queue. */
  readonly name: string;
  /** Validated when the job is enqueued, and again by the worker: a job may be older than the code that takes it. */
  readonly payload: Type<P>;
  /** How many of this type one process runs at a time; 1 unless told. */
  readonly concurrency?: number;
  /** How often a failed attempt is repeated, after a pause that doubles each time; 3 unless told. */
  readonly retries?: number;
  /** Seconds that one attempt may take; 900 unless told. */
  readonly deadlineS?: number;
  /** `min hour day month weekday`, UTC: once for all instances together. The payload is then `{}`. */
  readonly cron?: string;
  /** Seconds after which a job that has ended is removed, with its result; 30 days unless told, and at the most. */
  readonly keptForS?: number;
  /** Whether a body of lines (`application/x-ndjson`) can stand for the payload; {@link JobRun.lines} reads it. */
  readonly takesLines?: boolean;
}

/** Who asks for a job. */
export interface JobCaller {
  readonly id: string;
  has(...roles: readonly string[]): boolean;
}

/** Does the work of one {@link JobType}. A feature provides it; it is found by its class. */
export abstract class JobHandler<P extends object = object> {
  abstract readonly type: JobType<P>;

  /**
   * May refuse the job before it is enqueued. Asked first without the payload, before any of it is validated or, of a body
   * of lines, read: who may start no job of this type is told so whatever he sends. Then with it; lines have none.
   *
   * @param payload undefined while, or because, nothing is known but the type: let pass whoever may start some job of it.
   * @throws AppError 403 unless the caller may.
   */
  abstract authorize(payload: P | undefined, caller: JobCaller): void | Promise<void>;

  /**
   * One attempt. It may be killed at any moment and another one begun, so everything it writes goes through
   * {@link JobRun.commit}, and an attempt goes on from {@link JobRun.progress} and {@link JobRun.partial}.
   *
   * @returns the result of the job, plain JSON.
   * @throws AppError to fail for good, with this problem; anything else is repeated, and fails in the end.
   */
  abstract run(job: JobRun<P>): Promise<object>;
}
