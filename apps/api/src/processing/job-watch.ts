import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Job } from '@app/jobs';
import { AppLogger } from '@app/logging';
import { In, Repository } from 'typeorm';
import { SHOWN_OF_JOB } from './dto/job.dto.js';

const PERIOD_MS = 500;

/** Hears of each new state of a job; undefined says that there will be no more, because the process stops. */
export type JobListener = (job: Job | undefined) => void;

/** Of a job that somebody watches. */
interface Watcher {
  readonly listener: JobListener;
  /** Revision that it knows. */
  seen: number;
}

/**
 * Looks after all jobs that somebody watches with one statement, twice a second, and another one for those that have
 * changed; and not at all when nobody does.
 */
@Injectable()
export class JobWatch implements OnModuleDestroy {
  private readonly log = new AppLogger(JobWatch.name);
  private readonly watchers = new Map<string, Set<Watcher>>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isAway = false;

  constructor(@InjectRepository(Job) private readonly jobs: Repository<Job>) {}

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const { listener } of [...this.watchers.values()].flatMap((all) => [...all])) listener(undefined);
  }

  /** @returns ends it. */
  watch(job: Job, listener: JobListener): () => void {
    if (this.isStopped) listener(undefined);
    const watcher = { listener, seen: job.revision };
    const all = this.watchers.get(job.id) ?? new Set();
    this.watchers.set(job.id, all.add(watcher));
    this.schedule();
    return () => {
      all.delete(watcher);
      if (all.size === 0) this.watchers.delete(job.id);
    };
  }

  private schedule(): void {
    if (this.isStopped || this.timer || this.watchers.size === 0) return;
    this.timer = setTimeout(() => void this.look(), PERIOD_MS);
  }

  private async look(): Promise<void> {
    try {
      const changed = await this.changed([...this.watchers.keys()]);
      if (changed.length > 0) await this.tell(changed);
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) this.log.warn('nobody can say how the watched jobs are', { error });
      this.isAway = true;
    }
    this.timer = undefined;
    this.schedule();
  }

  private async changed(ids: readonly string[]): Promise<string[]> {
    const rows = await this.jobs.find({ select: { id: true, revision: true }, where: { id: In(ids) } });
    return rows.filter((row) => this.behind(row).length > 0).map(({ id }) => id);
  }

  private async tell(ids: readonly string[]): Promise<void> {
    for (const job of await this.jobs.find({ select: SHOWN_OF_JOB, where: { id: In(ids) } })) {
      for (const watcher of this.behind(job)) {
        watcher.seen = job.revision;
        watcher.listener(job);
      }
    }
  }

  private behind({ id, revision }: Pick<Job, 'id' | 'revision'>): Watcher[] {
    return [...(this.watchers.get(id) ?? [])].filter(({ seen }) => seen < revision);
  }
}
