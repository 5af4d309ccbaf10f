import type { ProblemDocument } from '@app/problem';
import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JobStatus } from './job-status.js';

/**
 * A piece of work, from the request that asked for it to its result. This row decides what is done; the queue only tells
 * workers where to look.
 */
@Entity('jobs')
@Index('jobs_created_at_id_idx', ['createdAt', 'id'])
@Index('jobs_created_by_created_at_id_idx', ['createdBy', 'createdAt', 'id'])
@Index('jobs_status_created_at_id_idx', ['status', 'createdAt', 'id'])
@Index('jobs_type_created_at_id_idx', ['type', 'createdAt', 'id'])
@Index('jobs_delivery_key', ['delivery'], { unique: true })
@Check('jobs_status_check', `status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')`)
@Check('jobs_progress_check', 'progress_done >= 0 AND progress_total >= 0')
@Check('jobs_finished_at_check', `(finished_at IS NULL) = (status IN ('queued', 'running'))`)
export class Job {
  /** UUIDv7. */
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  type: string;

  @Column('text')
  status: JobStatus;

  /** Null for a body of lines, which are kept in `job_lines`. */
  @Column('json', { nullable: true })
  payload: object | null;

  /** Null for the jobs of the calendar. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy: string | null;

  /** Of the request that asked for the job: it follows into the lines of the worker. */
  @Column('text', { name: 'request_id' })
  requestId: string;

  @Column('bigint', { name: 'progress_done', default: 0 })
  progressDone: number;

  @Column('bigint', { name: 'progress_total', nullable: true })
  progressTotal: number | null;

  /** The result so far: what the next attempt goes on from. As text, like the two below: members stay in their order. */
  @Column('json', { nullable: true })
  partial: object | null;

  @Column('json', { nullable: true })
  result: object | null;

  @Column('json', { nullable: true })
  problem: ProblemDocument | null;

  /** Grows with each attempt; what one writes is refused once another has begun. */
  @Column('integer', { default: 0 })
  attempt: number;

  /** Attempts that threw. */
  @Column('smallint', { default: 0 })
  failures: number;

  /** Attempts in a row that ended without a word and without progress, as when their process was killed. */
  @Column('smallint', { default: 0 })
  interruptions: number;

  /** Grows with each change of the row. */
  @Column('integer', { default: 1 })
  revision: number;

  /** Id of the one message in the queue that counts; those of before are ignored. */
  @Column('uuid')
  delivery: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ name: 'started_at', type: 'timestamptz', precision: 3, nullable: true })
  startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
