import { AppLogger } from '@app/logging';

/** Instances that were started together do not work together. */
const JITTER = 0.3;

export interface RepeatedTaskOptions {
  /** For the log: `expired keys are removed`. */
  readonly what: string;
  /** From the end of one run to the start of the next, more or less. */
  readonly periodMs: number;
}

/**
 * Something that a process does again and again in the background, one run at a time. A run that fails is said once, as is
 * the first that succeeds again.
 */
export class RepeatedTask {
  private readonly log = new AppLogger(RepeatedTask.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isFailing = false;
  private hasStopped = false;

  constructor(
    private readonly options: RepeatedTaskOptions,
    private readonly work: () => Promise<unknown>,
  ) {}

  /** For loops in the work: it is to end soon. */
  get isStopped(): boolean {
    return this.hasStopped;
  }

  start(): void {
    if (this.hasStopped) return;
    const waitMs = this.options.periodMs * (1 - JITTER + 2 * JITTER * Math.random());
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, waitMs).unref();
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    const { what } = this.options;
    try {
      await this.work();
      if (this.isFailing) this.log.info('a background task works again', { task: what });
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.log.error('a background task fails', { task: what, error });
      this.isFailing = true;
    }
    this.start();
  }
}
