import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { newId, Transaction } from '@app/database';
import { type EntityManager, Repository } from 'typeorm';
import { Job } from './job.entity.js';
import type { JobType } from './job-handler.js';
import { JobHandlers } from './job-handlers.js';
import { JobLines } from './lines/job-lines.entity.js';
import { parsePayload } from './job-payload.js';
import { JobQueue } from './queue/job-queue.js';
import { JobNotCancellableError, JobNotFoundError, JobNotRetryableError, NoLinesError } from './jobs.errors.js';
import { lastLineOf, type LineSource, partsOf } from './lines/line-parts.js';

/** Whose job it is, and of which request. */
export interface JobOrigin {
  /** Null for the application itself. */
  readonly createdBy: string | null;
  readonly requestId: string;
}

type NewJob = JobOrigin & Pick<Job, 'type' | 'payload'>;

const CANCEL = `
  UPDATE jobs SET status = 'cancelled', result = partial, finished_at = now(), revision = revision + 1
  WHERE id = $1 AND status IN ('queued', 'running')`;

const RETRY = `
  UPDATE jobs SET status = 'queued', delivery = $2, failures = 0, interruptions = 0, result = NULL, problem = NULL,
    finished_at = NULL, revision = revision + 1
  WHERE id = $1 AND status = 'failed'`;

/** Work for later. What it does is part of the transaction that runs: it happens with it, or not at all. */
@Injectable()
export class Jobs {
  constructor(
    @InjectRepository(Job) private readonly jobs: Repository<Job>,
    @InjectRepository(JobLines) private readonly lines: Repository<JobLines>,
    private readonly handlers: JobHandlers,
    private readonly queue: JobQueue,
    private readonly transaction: Transaction,
  ) {}

  /**
   * @param type the name of a {@link JobType} that a feature of this application handles.
   * @throws RequestInvalidError 422 whose pointers lead into the payload.
   */
  async enqueue(type: string, payload: object, origin: JobOrigin): Promise<Job> {
    const parsed = await parsePayload(this.typeOf(type), payload);
    return this.transaction.run((manager) => this.insert(manager, { ...origin, type, payload: parsed }));
  }

  /**
   * For a type that takes lines.
   *
   * @param source read once for each time that the transaction is tried.
   * @throws NoLinesError 422 when nothing is in them.
   */
  async enqueueLines(type: string, source: LineSource, origin: JobOrigin): Promise<Job> {
    if (this.typeOf(type).takesLines !== true) throw new Error(`${type} takes no lines`);
    return this.transaction.run(async (manager) => {
      const job = await this.insert(manager, { ...origin, type, payload: null });
      const progressTotal = await this.keep(job.id, source, manager);
      if (progressTotal === 0) throw new NoLinesError();
      await manager.withRepository(this.jobs).update(job.id, { progressTotal });
      return Object.assign(job, { progressTotal });
    });
  }

  /** At once: an attempt that runs can commit nothing more; what it has committed stays. @throws JobNotCancellableError 409 */
  cancel(id: string): Promise<Job> {
    return this.transaction.run(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(CANCEL, [id]);
      const job = await this.find(manager, id);
      if (count === 0) throw new JobNotCancellableError(job.status);
      await manager.withRepository(this.lines).delete({ jobId: id });
      return job;
    });
  }

  /** From the progress that it had made. @throws JobNotRetryableError 409 unless it has failed. */
  retry(id: string): Promise<Job> {
    const delivery = newId();
    return this.transaction.run(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(RETRY, [id, delivery]);
      const job = await this.find(manager, id);
      if (count === 0) throw new JobNotRetryableError(job.status);
      await this.queue.send(manager, { type: job.type, delivery });
      return job;
    });
  }

  private async insert(manager: EntityManager, job: NewJob): Promise<Job> {
    const ids = { id: newId(), delivery: newId() };
    await manager.withRepository(this.jobs).insert({ ...job, ...ids, status: 'queued' });
    await this.queue.send(manager, { type: job.type, delivery: ids.delivery });
    return this.find(manager, ids.id);
  }

  /** @returns the number of the last line that has something in it. */
  private async keep(jobId: string, source: LineSource, manager: EntityManager): Promise<number> {
    const rows = manager.withRepository(this.lines);
    let part = 0;
    let last = 0;
    for await (const { firstLine, lines } of partsOf(source.read())) {
      await rows.insert({ jobId, part, firstLine, lines });
      last = lastLineOf({ firstLine, lines }) ?? last;
      part += 1;
    }
    return last;
  }

  private async find(manager: EntityManager, id: string): Promise<Job> {
    const job = await manager.withRepository(this.jobs).findOneBy({ id });
    if (!job) throw new JobNotFoundError();
    return job;
  }

  private typeOf(name: string): JobType<object> {
    const handler = this.handlers.find(name);
    if (!handler) throw new Error(`no feature handles ${name}`);
    return handler.type;
  }
}
