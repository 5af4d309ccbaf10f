import type { Writable } from 'node:stream';
import { hasEnded, type Job } from '@app/jobs';
import { JobDto } from './dto/job.dto.js';
import type { JobWatch } from './job-watch.js';

const HEARTBEAT_MS = 15_000;
/** A stream that was opened long ago is ended: whoever still may watch comes back with `Last-Event-ID`. */
const LONGEST_MS = 15 * 60_000;

/**
 * The states of one job as server-sent events: `progress`, and `done` as the last one. The id of an event is the revision
 * of the row.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class JobEventStream {
  private readonly timers: NodeJS.Timeout[] = [];
  private unwatch = (): void => undefined;

  constructor(private readonly out: Writable) {}

  /** @param lastSeen revision that the reader has; of a job that goes on, nothing is said before there is a newer one. */
  open(job: Job, lastSeen: number, watch: JobWatch): void {
    this.out.on('error', () => this.end()); // the reader is gone
    this.out.once('close', () => this.end());
    if (job.revision > lastSeen || hasEnded(job.status)) this.write(job);
    else this.out.write(':\n\n');
    if (hasEnded(job.status)) return;
    this.timers.push(
      setInterval(() => this.out.write(':\n\n'), HEARTBEAT_MS),
      setTimeout(() => this.end(), LONGEST_MS),
    );
    this.unwatch = watch.watch(job, (newer) => (newer ? this.write(newer) : this.end()));
  }

  private write(job: Job): void {
    const isLast = hasEnded(job.status);
    if (this.out.writableNeedDrain && !isLast) return; // a slow reader gets the later states only
    const event = isLast ? 'done' : 'progress';
    this.out.write(`id: ${job.revision}\nevent: ${event}\ndata: ${JSON.stringify(JobDto.from(job))}\n\n`);
    if (isLast) this.end();
  }

  private end(): void {
    this.unwatch();
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
    if (!this.out.writableEnded) this.out.end();
  }
}
