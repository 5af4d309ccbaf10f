export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

/** Whether nothing more happens to a job in this state, unless somebody retries it. */
export function hasEnded(status: JobStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
