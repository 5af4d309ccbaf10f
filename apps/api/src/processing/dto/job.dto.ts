import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Job, JOB_STATUSES, type JobStatus } from '@app/jobs';
import type { ProblemDocument } from '@app/problem';
import type { FindOptionsSelect } from 'typeorm';

/** What is read of a job to show it, and which state that is: the payload may be large. */
export const SHOWN_OF_JOB = {
  id: true,
  type: true,
  status: true,
  progressDone: true,
  progressTotal: true,
  result: true,
  problem: true,
  revision: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
} as const satisfies FindOptionsSelect<Job>;

@ApiSchema({ name: 'JobProgress', description: 'How far a job has come.' })
export class JobProgressDto {
  @ApiProperty({ description: 'What is done and will not be done again.', example: 1_200, type: 'integer', minimum: 0 })
  readonly done: number;

  @ApiProperty({
    description: 'Of how much; null while nobody knows.',
    example: null,
    type: 'integer',
    minimum: 0,
    nullable: true,
  })
  readonly total: number | null;
}

@ApiSchema({ name: 'Job', description: 'Work in the background.' })
export class JobDto {
  @ApiProperty({ description: 'Id of the job.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'What is to be done.', example: 'orders.import' })
  readonly type: string;

  @ApiProperty({
    description: 'State of the job.',
    example: 'running',
    enum: [...JOB_STATUSES],
    enumName: 'JobStatus',
  })
  readonly status: JobStatus;

  @ApiProperty({ description: 'How far it has come.', type: JobProgressDto, example: { done: 1_200, total: null } })
  readonly progress: JobProgressDto;

  @ApiProperty({
    description: 'What came of it; of a job that was cancelled or has failed, what had come of it until then.',
    example: null,
    type: 'object',
    additionalProperties: true,
    nullable: true,
  })
  readonly result: object | null;

  @ApiProperty({
    description: 'Why it has failed: a `Problem`, which OpenAPI 3.0 cannot refer to where there may be none.',
    example: null,
    type: 'object',
    additionalProperties: true,
    nullable: true,
  })
  readonly problem: ProblemDocument | null;

  @ApiProperty({ description: 'When it was asked for.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly createdAt: Date;

  @ApiProperty({
    description: 'When it was first begun.',
    example: '2026-01-31T12:00:01.000Z',
    format: 'date-time',
    type: String,
    nullable: true,
  })
  readonly startedAt: Date | null;

  @ApiProperty({ description: 'When it ended.', example: null, format: 'date-time', type: String, nullable: true })
  readonly finishedAt: Date | null;

  static from(job: Job): JobDto {
    const { id, type, status, result, problem, createdAt, startedAt, finishedAt } = job;
    const progress = { done: job.progressDone, total: job.progressTotal };
    return { id, type, status, progress, result, problem, createdAt, startedAt, finishedAt };
  }
}
