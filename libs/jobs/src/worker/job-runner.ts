import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { databaseProblem, Transaction } from '@app/database';
import { AppLogger, newRequestContext, openTrace, runInContext, type Trace, type TracePosition } from '@app/logging';
import { problemDocument, type ProblemDocument, ServiceUnavailableError } from '@app/problem';
import { Attempt } from './attempt.js';
import { pauseS } from './backoff.js';
import { JobAttempts, type TakenJob } from './job-attempts.js';
import type { JobHandler } from '../job-handler.js';
import { jobDuration, jobsTotal } from './job-metrics.js';
import { InterruptedError, type JobOutcome, outcomeOfError, outcomeOfStop, visibleError } from './job-outcome.js';
import { parsePayload } from '../job-payload.js';
import { DEADLINE_S } from '../queue/job-queue.js';
import { messageAttributes } from '../queue/message-attributes.js';
import { JobsOptions } from '../jobs-options.js';
import { RunningAttempts } from './running-attempts.js';

const RETRIES = 3;
/** A job that takes its process with it is tried again, but not for ever. */
const MAX_INTERRUPTIONS = 20;
/** Until an attempt that was told to end is left to itself: its current commit may come through. */
const GRACE_MS = 5_000;
const AGAIN_MS = 1_000;
/** How an attempt ends that went wrong. */
const IN_ERROR: ReadonlySet<string> = new Set(['failed', 'repeated', 'unknown']);

/** A message of the queue, as a worker gets it. */
export interface Delivery {
  readonly id: string;
  /** Sent by the calendar. */
  readonly isScheduled: boolean;
  /** Aborted when the queue gives the message to somebody else. */
  readonly signal: AbortSignal;
  /** Who sent it; undefined when that was not traced. */
  readonly caller: TracePosition | undefined;
}

/** Carries out the job of a message: one attempt, and what becomes of it. */
@Injectable()
export class JobRunner {
  private readonly log = new AppLogger(JobRunner.name);

  constructor(
    private readonly attempts: JobAttempts,
    private readonly running: RunningAttempts,
    private readonly transaction: Transaction,
    private readonly options: JobsOptions,
  ) {}

  /** @throws Error when what became of the attempt could not be written: the message comes again. */
  async run(handler: JobHandler, delivery: Delivery): Promise<void> {
    if (this.running.isStopping) throw new Error('the worker is stopping');
    if (delivery.isScheduled) await this.attempts.schedule(handler.type.name, delivery.id);
    const job = await this.attempts.take(delivery.id);
    if (!job) return; // cancelled, or done by an attempt whose end the queue did not hear of
    const trace = traceOf(job, delivery);
    const from = newRequestContext(job.requestId, trace);
    const context = { ...from, userId: job.createdBy, module: handler.constructor.name };
    let status = 'unknown'; // when it could not be written
    try {
      status = await runInContext(context, () => this.attempt(handler, job, delivery.signal));
    } finally {
      trace?.span?.end({
        attributes: { 'plinth.job.outcome': status },
        ...(IN_ERROR.has(status) && { errorType: status }),
      });
    }
  }

  private async attempt(handler: JobHandler, job: TakenJob, signal: AbortSignal): Promise<string> {
    const startedAt = performance.now();
    const outcome = await this.outcomeOf(handler, job, signal);
    const status = await this.record(handler, job, outcome);
    const durationMs = performance.now() - startedAt;
    jobsTotal.inc({ type: job.type, outcome: status });
    jobDuration.observe({ type: job.type }, durationMs / 1_000);
    const fields = {
      job: job.id,
      type: job.type,
      status,
      attempt: job.attempt,
      duration_ms: Math.round(durationMs * 1_000) / 1_000,
      ...('error' in outcome && { error: outcome.error }),
    };
    if (status === 'failed') this.log.error('job', fields);
    else if (status === 'repeated') this.log.warn('job', fields);
    else this.log.info('job', fields);
    return status;
  }

  private async outcomeOf(handler: JobHandler, job: TakenJob, signal: AbortSignal): Promise<JobOutcome> {
    if (job.interruptions > MAX_INTERRUPTIONS) return { kind: 'broken', error: new InterruptedError() };
    try {
      const payload = job.payload === null ? new handler.type.payload() : await parsePayload(handler.type, job.payload);
      const attempt = new Attempt(job, payload, { attempts: this.attempts, transaction: this.transaction });
      return await this.running.during(attempt, () => this.watched(handler, attempt, signal));
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  private async watched(handler: JobHandler, attempt: Attempt, signal: AbortSignal): Promise<JobOutcome> {
    if (signal.aborted) attempt.stop('lost');
    if (attempt.stopReason !== undefined) return outcomeOfStop(attempt.stopReason);
    const timer = setTimeout(() => attempt.stop('deadline'), (handler.type.deadlineS ?? DEADLINE_S) * 1_000);
    const onLost = (): void => attempt.stop('lost');
    signal.addEventListener('abort', onLost);
    try {
      const result = await Promise.race([handler.run(attempt), leftAlone(attempt.signal)]);
      return result ? { kind: 'succeeded', result } : outcomeOfStop(attempt.stopReason ?? 'lost');
    } catch (error) {
      return attempt.stopReason === undefined ? outcomeOfError(error) : outcomeOfStop(attempt.stopReason);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onLost);
    }
  }

  /** Tried until the database answers: nobody else may have the job as long as this process is alive and holds it. */
  private async record(handler: JobHandler, job: TakenJob, outcome: JobOutcome): Promise<string> {
    for (;;) {
      try {
        return await this.write(handler, job, outcome);
      } catch (error) {
        const isAway = databaseProblem(error) instanceof ServiceUnavailableError;
        // A result that the database does not take is a fault of the handler, not one of the record.
        if (!isAway && outcome.kind === 'succeeded') return this.record(handler, job, { kind: 'broken', error });
        if (!isAway || this.running.isStopping) throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  /** @returns what the job is now, for the log. */
  private async write(handler: JobHandler, job: TakenJob, outcome: JobOutcome): Promise<string> {
    const { retries = RETRIES } = handler.type;
    if (outcome.kind === 'lost') return 'lost';
    if (outcome.kind === 'succeeded') return word(await this.attempts.succeed(job, outcome.result), 'succeeded');
    if (outcome.kind === 'handed_back') return word(await this.attempts.handBack(job), 'handed_back');
    const mayRepeat = outcome.kind === 'broken' && !(outcome.error instanceof InterruptedError);
    if (mayRepeat && job.failures < retries) {
      return word(await this.attempts.repeat(job, pauseS(job.failures + 1)), 'repeated');
    }
    return word(await this.attempts.fail(job, this.problemOf(outcome.error, job)), 'failed');
  }

  private problemOf(error: unknown, { id, requestId }: TakenJob): ProblemDocument {
    return problemDocument(visibleError(error), { instance: `${this.options.path}/${id}`, requestId });
  }
}

/** The trace of the request that asked for the job goes on, however much later. */
function traceOf({ type, requestId, id }: TakenJob, { id: delivery, caller }: Delivery): Trace | null {
  const attributes = {
    ...messageAttributes('process', { type, delivery }),
    'plinth.request_id': requestId,
    'plinth.job.id': id,
  };
  return openTrace(() => ({ name: `process ${type}`, kind: 'consumer', attributes }), caller);
}

function word(isDone: boolean, status: string): string {
  return isDone ? status : 'lost';
}

/** Resolves a while after the handler was told to end. */
async function leftAlone(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
  await delay(GRACE_MS, undefined, { ref: false });
}
