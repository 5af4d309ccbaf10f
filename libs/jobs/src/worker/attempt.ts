import type { Transaction } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { AttemptKey, JobAttempts, TakenJob } from './job-attempts.js';
import { JobLostError } from '../job-lost.error.js';
import { type JobLine, type JobProgress, JobRun, type JobStep } from '../job-run.js';
import { linesOf } from '../lines/line-parts.js';

/** Why an attempt is told to end. */
export type StopReason = 'lost' | 'deadline' | 'stopping';

export interface AttemptServices {
  readonly attempts: JobAttempts;
  readonly transaction: Transaction;
}

/** One attempt of this process at a job. */
export class Attempt extends JobRun {
  readonly key: AttemptKey;
  private readonly controller = new AbortController();
  private reason: StopReason | undefined;
  private step: JobProgress;
  private kept: object | undefined;

  constructor(
    readonly job: TakenJob,
    readonly payload: object,
    private readonly services: AttemptServices,
  ) {
    super();
    this.key = { id: job.id, type: job.type, attempt: job.attempt };
    this.step = { done: job.progressDone, total: job.progressTotal };
    this.kept = job.partial ?? undefined;
  }

  get id(): string {
    return this.job.id;
  }

  get createdBy(): string | null {
    return this.job.createdBy;
  }

  get progress(): JobProgress {
    return this.step;
  }

  get partial(): object | undefined {
    return this.kept;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Undefined while nobody has told it to end. */
  get stopReason(): StopReason | undefined {
    return this.reason;
  }

  /** Tells the handler to end, and refuses what it would write from now on. The first reason stays. */
  stop(reason: StopReason): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller.abort(new JobLostError());
  }

  async *lines(after = 0): AsyncGenerator<JobLine> {
    for await (const part of this.services.attempts.parts(this.id, after)) yield* linesOf(part, after);
  }

  async commit(work: (manager: EntityManager) => Promise<void>, step: JobStep): Promise<void> {
    if (this.reason !== undefined) throw new JobLostError();
    try {
      await this.services.transaction.run(async (manager) => {
        await work(manager);
        // Last, so that who cancels the job never waits for the work; its row then stays locked until the commit.
        await this.services.attempts.advance(manager, this.key, step);
      });
    } catch (error) {
      if (error instanceof JobLostError) this.stop('lost');
      throw error;
    }
    this.step = { done: step.done, total: step.total ?? this.step.total };
    this.kept = step.partial ?? this.kept;
  }
}
