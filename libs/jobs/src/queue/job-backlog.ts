import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { JobHandlers } from '../job-handlers.js';

/** A scrape does not wait longer for the database. */
const DEADLINE_MS = 1_000;

const COUNT = `SELECT type, count(*)::int AS count FROM jobs WHERE status = 'queued' GROUP BY type`;

type Counts = ReadonlyMap<string, number>;

/** One for each application of this process; the last one is asked. */
const backlogs = new Set<JobBacklog>();

const queued = new Gauge({
  name: 'plinth_jobs_queued',
  help: 'Jobs that wait for a worker. Of the whole database: the same from each instance, so not to be added up.',
  labelNames: ['type'],
  collect: tell,
});

/** No number is better than one of before: without an answer there is none. */
async function tell(): Promise<void> {
  const counts = await [...backlogs].at(-1)?.read();
  queued.reset();
  for (const [type, count] of counts ?? []) queued.set({ type }, count);
}

/** How many jobs wait, read when the metrics are. */
@Injectable()
export class JobBacklog implements OnApplicationBootstrap, OnModuleDestroy {
  private reading: Promise<Counts | undefined> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly handlers: JobHandlers,
  ) {}

  onApplicationBootstrap(): void {
    backlogs.add(this);
  }

  onModuleDestroy(): void {
    backlogs.delete(this);
  }

  /** @returns undefined when the database does not answer in time. One question at a time, however many ask. */
  async read(): Promise<Counts | undefined> {
    this.reading ??= this.ask();
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), DEADLINE_MS);
    try {
      return await Promise.race([this.reading, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async ask(): Promise<Counts | undefined> {
    try {
      const rows = await this.dataSource.query<{ type: string; count: number }[]>(COUNT);
      const counts = new Map(this.handlers.all().map(({ type }) => [type.name, 0]));
      for (const { type, count } of rows) counts.set(type, count);
      return counts;
    } catch {
      return undefined; // others say that the database is away
    } finally {
      this.reading = undefined;
    }
  }
}
