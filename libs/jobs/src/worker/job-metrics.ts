import { Counter, Histogram } from 'prom-client';

/** Attempts that ended. */
export const jobsTotal = new Counter({
  name: 'plinth_jobs_total',
  help: 'Attempts at jobs that ended, by what they came to.',
  labelNames: ['type', 'outcome'],
});

export const jobDuration = new Histogram({
  name: 'plinth_job_duration_seconds',
  help: 'How long attempts at jobs took.',
  labelNames: ['type'],
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900],
});
