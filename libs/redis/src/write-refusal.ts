import { AppLogger } from '@app/logging';
import { Gauge } from 'prom-client';

/** Full, read-only, without a disk, without enough replicas: it reads and answers, and takes nothing. */
const REFUSALS = /^(OOM|READONLY|MISCONF|NOREPLICAS)\b/;
const PROBE_EVERY_MS = 500;

const writable = new Gauge({
  name: 'plinth_redis_writable',
  help: '0 while Redis is there and refuses writes, otherwise 1.',
});
writable.set(1);

/** Whether Redis takes writes: known from the first that it refuses, until a probe is taken. */
export class WriteRefusal {
  private readonly log = new AppLogger('RedisConnection');
  private timer: NodeJS.Timeout | undefined;

  get isRefusing(): boolean {
    return this.timer !== undefined;
  }

  /** @param probe writes as ever. */
  notice(error: unknown, probe: () => Promise<unknown>): void {
    if (this.isRefusing || !(error instanceof Error) || !REFUSALS.test(error.message)) return;
    this.log.warn('redis refuses writes: cache and limits go on in the memory of each instance', {
      reason: error.message,
    });
    writable.set(0);
    this.timer = setInterval(() => void this.ask(probe), PROBE_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    writable.set(1);
  }

  private async ask(probe: () => Promise<unknown>): Promise<void> {
    try {
      await probe();
    } catch (error) {
      this.log.debug('redis still refuses writes', { error });
      return;
    }
    if (!this.isRefusing) return;
    this.stop();
    this.log.info('redis takes writes again');
  }
}
