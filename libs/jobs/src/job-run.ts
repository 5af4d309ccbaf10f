import type { EntityManager } from 'typeorm';

/** `total` is null while nobody knows it. Of a body of lines, it is the number of the last line with something in it. */
export interface JobProgress {
  readonly done: number;
  readonly total: number | null;
}

/** What {@link JobRun.commit} keeps together with the effect. */
export interface JobStep {
  readonly done: number;
  /** Stays as it is unless given. */
  readonly total?: number;
  /** The result so far, plain JSON: what the next attempt goes on from, and what a cancelled job answers. */
  readonly partial?: object;
}

/** A line of the body, without its line break. Empty lines are left out, and counted. */
export interface JobLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** One attempt at a job, as its handler sees it. */
export abstract class JobRun<P extends object = object> {
  abstract readonly id: string;
  /** Without members when a body of lines stands for it. */
  abstract readonly payload: P;
  /** The user who asked for it; null for a cron job. */
  abstract readonly createdBy: string | null;
  /** As the last commit of any attempt left it. */
  abstract readonly progress: JobProgress;
  /** {@link JobStep.partial} of the last commit of any attempt. */
  abstract readonly partial: object | undefined;
  /** Aborted when the job is cancelled, its deadline has passed, or the process stops: end soon, `commit` will refuse. */
  abstract readonly signal: AbortSignal;

  /** The lines after the one with this number; 0, which is the default, for all. Few are in memory at a time. */
  abstract lines(after?: number): AsyncIterable<JobLine>;

  /**
   * The work, the progress and the partial result in one transaction. Runs in `Transaction.run`, so that services that
   * use it join in.
   *
   * @throws JobLostError, after the rollback, when the job was cancelled or is another attempt's by now; let it pass.
   */
  abstract commit(work: (manager: EntityManager) => Promise<void>, step: JobStep): Promise<void>;
}
