/** What the composition root gives. */
export abstract class JobsOptions {
  /** Of the database of the application: the queue is in it. Past a pooler in transaction mode, if there is one. */
  abstract readonly databaseUrl: string;
  /** Whether this process works, or only lets others work. */
  abstract readonly takesJobs: boolean;
  /** Path of the jobs, `/api/v1/jobs`: problems name theirs. */
  abstract readonly path: string;
}
