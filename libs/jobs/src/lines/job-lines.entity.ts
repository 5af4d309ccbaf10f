import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Job } from '../job.entity.js';

/** Some lines of the body of a job, removed when it has succeeded or was cancelled. */
@Entity('job_lines')
export class JobLines {
  @PrimaryColumn('uuid', { name: 'job_id' })
  jobId: string;

  @ManyToOne(() => Job, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'job_lines_job_id_fkey' })
  job?: Relation<Job>;

  /** From 0. */
  @PrimaryColumn('integer')
  part: number;

  /** Number of the first line of this part, from 1. */
  @Column('integer', { name: 'first_line' })
  firstLine: number;

  /** UTF-8, with its line breaks; bytes, since a text column has no room for NUL. */
  @Column('bytea')
  lines: Buffer;
}
