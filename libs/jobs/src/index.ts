export { Job } from './job.entity.js';
export { type JobCaller, JobHandler, type JobType } from './job-handler.js';
export { JobHandlers } from './job-handlers.js';
export { JobLines } from './lines/job-lines.entity.js';
export { JobLostError } from './job-lost.error.js';
export { type JobLine, type JobProgress, JobRun, type JobStep } from './job-run.js';
export { JobSweeper } from './queue/job-sweeper.js';
export { hasEnded, JOB_STATUSES, type JobStatus } from './job-status.js';
export {
  JOB_NOT_CANCELLABLE,
  JOB_NOT_FOUND,
  JOB_NOT_RETRYABLE,
  JobNotCancellableError,
  JobNotFoundError,
  JobNotRetryableError,
  NoLinesError,
} from './jobs.errors.js';
export { parsePayload } from './job-payload.js';
export { type JobOrigin, Jobs } from './jobs.js';
export { JobsModule } from './jobs.module.js';
export { JobsOptions } from './jobs-options.js';
export type { LineSource } from './lines/line-parts.js';
export { queueSchema } from './queue/queue-schema.js';
