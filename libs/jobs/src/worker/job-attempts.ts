import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { newId, Transaction } from '@app/database';
import type { ProblemDocument } from '@app/problem';
import { type EntityManager, Repository } from 'typeorm';
import { Job } from '../job.entity.js';
import { JobLines } from '../lines/job-lines.entity.js';
import { JobLostError } from '../job-lost.error.js';
import { JobQueue } from '../queue/job-queue.js';
import type { JobStep } from '../job-run.js';
import type { LinePart } from '../lines/line-parts.js';

/** What an attempt is known by. */
export type AttemptKey = Pick<Job, 'id' | 'type' | 'attempt'>;

/** What an attempt begins with: of the row as it has made it, whoever changes it next. */
export type TakenJob = AttemptKey &
  Pick<
    Job,
    'payload' | 'createdBy' | 'requestId' | 'progressDone' | 'progressTotal' | 'partial' | 'failures' | 'interruptions'
  >;

/** An attempt that still runs when its message comes again has ended without a word. */
const TAKE = `
  UPDATE jobs SET status = 'running', attempt = attempt + 1, revision = revision + 1,
    interruptions = interruptions + CASE status WHEN 'running' THEN 1 ELSE 0 END,
    started_at = coalesce(started_at, now())
  WHERE delivery = $1 AND status IN ('queued', 'running')
  RETURNING id, type, attempt, payload, created_by AS "createdBy", request_id AS "requestId",
    progress_done AS "progressDone", progress_total AS "progressTotal", partial, failures, interruptions`;

const HELD = `id = $1 AND attempt = $2 AND status = 'running'`;

const ADVANCE = `
  UPDATE jobs SET progress_done = $3, progress_total = coalesce($4, progress_total), partial = coalesce($5, partial),
    interruptions = 0, revision = revision + 1
  WHERE ${HELD}`;

const SUCCEED = `
  UPDATE jobs SET status = 'succeeded', result = $3, finished_at = now(), revision = revision + 1 WHERE ${HELD}`;

const FAIL = `
  UPDATE jobs SET status = 'failed', problem = $3, result = partial, failures = failures + 1,
    finished_at = now(), revision = revision + 1
  WHERE ${HELD}`;

const QUEUE_AGAIN = `
  UPDATE jobs SET status = 'queued', delivery = $3, failures = failures + $4, revision = revision + 1 WHERE ${HELD}`;

const SCHEDULED = `
  INSERT INTO jobs (id, type, status, payload, request_id, delivery) VALUES ($1, $2, 'queued', '{}', $3, $4)
  ON CONFLICT (delivery) DO NOTHING`;

const STILL_HELD = `
  SELECT job.id FROM jobs job JOIN unnest($1::uuid[], $2::int[]) AS held (id, attempt)
    ON held.id = job.id AND held.attempt = job.attempt
  WHERE job.status = 'running'`;

const PART = `
  SELECT first_line AS "firstLine", lines FROM job_lines
  WHERE job_id = $1 AND part >= $2 ORDER BY part LIMIT 1`;

/** Where the line after this one may be. */
const PART_OF = 'SELECT coalesce(max(part), 0) AS part FROM job_lines WHERE job_id = $1 AND first_line <= $2';

/** What attempts write about themselves. Each statement asks whether the job is theirs, and does nothing when it is not. */
@Injectable()
export class JobAttempts {
  constructor(
    @InjectRepository(Job) private readonly jobs: Repository<Job>,
    @InjectRepository(JobLines) private readonly lines: Repository<JobLines>,
    private readonly queue: JobQueue,
    private readonly transaction: Transaction,
  ) {}

  /** The calendar has sent this message: it has a job from now on. */
  async schedule(type: string, delivery: string): Promise<void> {
    const id = newId();
    await this.jobs.query(SCHEDULED, [id, type, id, delivery]);
  }

  /** Begins an attempt. @returns undefined when nothing is left to do for this message. */
  async take(delivery: string): Promise<TakenJob | undefined> {
    const [taken] = await this.jobs.manager.query<[TakenJob[], number]>(TAKE, [delivery]);
    return taken[0];
  }

  /** @throws JobLostError */
  async advance(manager: EntityManager, { id, attempt }: AttemptKey, { done, total, partial }: JobStep): Promise<void> {
    const kept = partial === undefined ? null : JSON.stringify(partial);
    if (!(await changes(manager, ADVANCE, [id, attempt, done, total ?? null, kept]))) throw new JobLostError();
  }

  /** @returns whether the job was still this attempt's, here and below. */
  succeed({ id, attempt }: AttemptKey, result: object): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      if (!(await changes(manager, SUCCEED, [id, attempt, JSON.stringify(result)]))) return false;
      await manager.withRepository(this.lines).delete({ jobId: id });
      return true;
    });
  }

  fail({ id, attempt }: AttemptKey, problem: ProblemDocument): Promise<boolean> {
    return changes(this.jobs.manager, FAIL, [id, attempt, JSON.stringify(problem)]);
  }

  /** For another attempt after the pause, because this one has failed. */
  repeat(key: AttemptKey, pauseS: number): Promise<boolean> {
    return this.queueAgain(key, { failures: 1, pauseS });
  }

  /** For another worker, at once. */
  handBack(key: AttemptKey): Promise<boolean> {
    return this.queueAgain(key, { failures: 0, pauseS: 0 });
  }

  /** @returns ids of those that are still theirs. */
  async stillHeld(keys: readonly AttemptKey[]): Promise<Set<string>> {
    const parameters = [keys.map(({ id }) => id), keys.map(({ attempt }) => attempt)];
    const rows: { id: string }[] = await this.jobs.query(STILL_HELD, parameters);
    return new Set(rows.map(({ id }) => id));
  }

  /** The parts of the body from the one that may have the line after this one, one at a time. */
  async *parts(jobId: string, after: number): AsyncGenerator<LinePart> {
    const [start]: { part: number }[] = await this.lines.query(PART_OF, [jobId, after + 1]);
    for (let part = start?.part ?? 0; ; part += 1) {
      const [found]: LinePart[] = await this.lines.query(PART, [jobId, part]);
      if (!found) return;
      yield found;
    }
  }

  private queueAgain({ id, type, attempt }: AttemptKey, by: { failures: number; pauseS: number }): Promise<boolean> {
    const delivery = newId();
    return this.transaction.run(async (manager) => {
      if (!(await changes(manager, QUEUE_AGAIN, [id, attempt, delivery, by.failures]))) return false;
      await this.queue.send(manager, { type, delivery }, by.pauseS);
      return true;
    });
  }
}

async function changes(manager: EntityManager, update: string, parameters: unknown[]): Promise<boolean> {
  const [, count] = await manager.query<[unknown, number]>(update, parameters);
  return count > 0;
}
