import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { keepsSession } from '@app/database';
import { AppLogger, readTrace } from '@app/logging';
import { type Job as Delivered, PgBoss } from 'pg-boss';
import { JobHandlers } from '../job-handlers.js';
import type { JobHandler } from '../job-handler.js';
import { JobQueue, type Message } from '../queue/job-queue.js';
import { JobRunner } from './job-runner.js';
import { JobsOptions } from '../jobs-options.js';
import { QUEUE_SCHEMA } from '../queue/queue-schema.js';
import { RunningAttempts } from './running-attempts.js';

const STATEMENT_TIMEOUT_MS = 15_000;
/** A server that is frozen never sends its own timeout. */
const DRIVER_TIMEOUT_MS = 16_000;
/** Beside the connection that listens. */
const CONNECTIONS = 3;
/** Messages are announced; this finds those whose pause is over, and those that were missed. */
const POLL_S = 1;
/** Often enough that the queue misses two before it gives the message away. */
const HEARTBEAT_S = 3;
/** How soon somebody notices that heartbeats have stopped. */
const WATCH_S = 2;
/** Longer than an attempt takes to hand its job back, and well within the time that a process has to stop. */
const STOP_MS = 10_000;
const LOOK_MS = 1_000;

/** Takes messages from the queue, in processes that are told to, and lets {@link JobRunner} work. */
@Injectable()
export class JobWorker implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly log = new AppLogger(JobWorker.name);
  private boss: PgBoss | undefined;
  private isAway = false;
  private timer: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly handlers: JobHandlers,
    private readonly queue: JobQueue,
    private readonly runner: JobRunner,
    private readonly running: RunningAttempts,
    private readonly options: JobsOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.declare(this.handlers.all().map(({ type }) => type));
    if (!this.options.takesJobs) return;
    this.boss = new PgBoss(await settings(this.options));
    this.boss.on('error', (error) => this.onError(error));
    this.boss.on('warning', ({ message }) => this.log.debug('the queue warns', { reason: message }));
    await this.boss.start();
    await this.keepCalendar(this.boss);
    for (const handler of this.handlers.all()) await this.work(this.boss, handler);
  }

  /** Nothing new is taken; attempts get some seconds to end, and hand their jobs back, while requests are finished. */
  onModuleDestroy(): void {
    this.running.stop();
    clearInterval(this.timer);
    this.stopping = this.boss?.stop({ graceful: true, timeout: STOP_MS });
    this.stopping?.catch(() => undefined); // heard below
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stopping;
  }

  private async work(boss: PgBoss, handler: JobHandler): Promise<void> {
    const options = {
      localConcurrency: handler.type.concurrency ?? 1,
      pollingIntervalSeconds: POLL_S,
      notifyPollingIntervalSeconds: POLL_S,
      heartbeatRefreshSeconds: HEARTBEAT_S,
    };
    await boss.work(handler.type.name, options, async (messages: Delivered<Message>[]) => {
      for (const { id, data, signal } of messages) {
        const caller = readTrace(data?.traceparent, data?.tracestate);
        await this.runner.run(handler, { id, isScheduled: data?.isScheduled === true, signal, caller });
      }
    });
  }

  /** The calendar is in the database, one for all instances: it is brought to what the handlers say. */
  private async keepCalendar(boss: PgBoss): Promise<void> {
    const message: Message = { isScheduled: true };
    const types = this.handlers.all().map(({ type }) => type);
    for (const { name, cron } of types) {
      if (cron !== undefined) await boss.schedule(name, cron, message, { tz: 'UTC' });
    }
    for (const { name } of await boss.getSchedules()) {
      if (!types.some((type) => type.name === name && type.cron !== undefined)) await boss.unschedule(name);
    }
  }

  /** Said once, however often it is tried in vain. */
  private onError(error: Error): void {
    if (this.isAway) return;
    this.isAway = true;
    this.log.warn('the queue does not answer', { error });
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  private async look(): Promise<void> {
    try {
      await this.boss?.getDb().executeSql('SELECT 1');
    } catch {
      return; // as before
    }
    if (!this.isAway) return;
    this.isAway = false;
    clearInterval(this.timer);
    this.log.info('the queue answers again');
  }
}

async function settings({ databaseUrl }: JobsOptions) {
  const isDirect = await keepsSession(databaseUrl);
  return {
    connectionString: databaseUrl,
    schema: QUEUE_SCHEMA,
    application_name: 'plinth-jobs',
    max: CONNECTIONS,
    // For the pool, which pg-boss hands them to. A pooler may refuse the first; the polls find what is not announced there.
    ...(isDirect && { statement_timeout: STATEMENT_TIMEOUT_MS }),
    query_timeout: DRIVER_TIMEOUT_MS,
    keepAlive: true,
    useListenNotify: isDirect,
    migrate: true, // nothing to do by now, but for indexes that it builds while jobs are running
    supervise: true,
    superviseIntervalSeconds: WATCH_S,
    monitorIntervalSeconds: WATCH_S,
    schedule: true,
    registerInstance: false,
  };
}
