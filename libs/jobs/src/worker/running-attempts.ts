import { Injectable } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import type { Attempt } from './attempt.js';
import { JobAttempts } from './job-attempts.js';

const PERIOD_MS = 1_000;

/** The attempts that this process is at, and the question, asked once a second, whether their jobs are still theirs. */
@Injectable()
export class RunningAttempts {
  private readonly log = new AppLogger(RunningAttempts.name);
  private readonly all = new Set<Attempt>();
  private timer: NodeJS.Timeout | undefined;
  private hasStopped = false;

  constructor(private readonly attempts: JobAttempts) {}

  /** Whether no attempt may begin any more. */
  get isStopping(): boolean {
    return this.hasStopped;
  }

  async during<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    this.all.add(attempt);
    if (this.hasStopped) attempt.stop('stopping'); // its job was being taken when the others were told
    this.timer ??= setTimeout(() => void this.look(), PERIOD_MS);
    try {
      return await work();
    } finally {
      this.all.delete(attempt);
      if (this.all.size === 0) this.rest();
    }
  }

  /** Tells all to end, so that others take their jobs over. */
  stop(): void {
    this.hasStopped = true;
    for (const attempt of this.all) attempt.stop('stopping');
  }

  private async look(): Promise<void> {
    const asked = [...this.all];
    try {
      const held = await this.attempts.stillHeld(asked.map(({ key }) => key));
      for (const attempt of asked) if (!held.has(attempt.id)) attempt.stop('lost');
    } catch (error) {
      this.log.debug('nobody says whether the jobs are still ours', { error }); // the next commit will
    }
    clearTimeout(this.timer); // of an attempt that has begun meanwhile, when no other was left
    if (this.all.size > 0) this.timer = setTimeout(() => void this.look(), PERIOD_MS);
    else this.rest();
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
