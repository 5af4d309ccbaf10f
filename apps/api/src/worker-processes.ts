import cluster, { type Address, type Worker } from 'node:cluster';
import { once } from 'node:events';
import { AppLogger } from '@app/logging';
import type { AppConfig } from './app.config.js';

type Environment = Readonly<Record<string, string>>;

const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 30_000;
/** One that lived so long has not died of its start. */
const STEADY_MS = 60_000;

/** Processes that listen on one port. One that dies is replaced; one that cannot even start fails the start of all. */
export class WorkerProcesses {
  private readonly log = new AppLogger(WorkerProcesses.name);
  private readonly living = new Set<Worker>();
  private restartMs = RESTART_MIN_MS;
  private isStopping = false;

  /** @returns where all of them listen. @throws Error when one ends before it does. */
  async start({ workers: length, metricsPort }: AppConfig, environment: Environment): Promise<Address> {
    const starts = Array.from({ length }, async () => {
      const worker = this.fork(environment);
      const address = await listening(worker, metricsPort);
      this.replaceWhenDead(worker, environment);
      return address;
    });
    const [address] = await Promise.all(starts);
    if (!address) throw new Error('a server has one process at least');
    return address;
  }

  /** Each ends its running requests. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const ended = [...this.living].map((worker) => once(worker, 'exit'));
    for (const worker of this.living) worker.process.kill('SIGTERM');
    await Promise.all(ended);
  }

  private fork(environment: Environment): Worker {
    const worker = cluster.fork(environment);
    this.living.add(worker);
    worker.once('exit', () => this.living.delete(worker));
    return worker;
  }

  private replaceWhenDead(worker: Worker, environment: Environment): void {
    const startedAt = performance.now();
    worker.once('exit', (code: number | null, signal: string | null) => {
      if (this.isStopping) return;
      if (performance.now() - startedAt > STEADY_MS) this.restartMs = RESTART_MIN_MS;
      this.log.error('a process died and is replaced', { pid: worker.process.pid, code, signal });
      setTimeout(() => {
        if (!this.isStopping) this.replaceWhenDead(this.fork(environment), environment);
      }, this.restartMs).unref();
      this.restartMs = Math.min(this.restartMs * 2, RESTART_MAX_MS);
    });
  }
}

/** The port for metrics is another one, and opens first. */
function listening(worker: Worker, metricsPort: number | undefined): Promise<Address> {
  return new Promise((resolve, reject) => {
    worker.on('listening', (address) => address.port !== metricsPort && resolve(address));
    worker.once('exit', (code) => reject(new Error(`a process ended with ${code} before it listened`)));
  });
}
