import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import { DataSource, type EntityManager } from 'typeorm';
import { isAway, isRetryable } from './database-errors.js';

/** Deadlock and serialization victims are run again this often before the caller hears of it. */
const RETRIES = 2;

type Hook = () => void | Promise<void> | undefined;

/** Hears of the things that a transaction has changed, after its commit; the caller waits for it. */
export type ChangeListener = (names: readonly string[]) => Promise<void>;

/** The transaction that the current call is part of. */
interface Running {
  readonly manager: EntityManager;
  readonly afterCommit: Hook[];
  readonly changes: Set<string>;
}

/** Runs a piece of work in one database transaction: all of it commits, or nothing. */
@Injectable()
export class Transaction {
  private readonly log = new AppLogger(Transaction.name);
  private readonly running = new AsyncLocalStorage<Running>();
  private readonly gathering = new AsyncLocalStorage<Set<string>>();
  private listener: ChangeListener | undefined;
  private committed: Hook = () => undefined;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Within another call of it, the work joins the transaction of that one.
   *
   * @param work gets the manager of the transaction; use `manager.withRepository(this.orders)`. It may run up to three
   *   times, so it keeps its side effects inside the transaction, or hands them to {@link afterCommit}.
   * @throws whatever `work` throws, after the rollback.
   */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.running.getStore();
    if (outer) return work(outer.manager);
    for (let retriesLeft = RETRIES; ; retriesLeft -= 1) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (retriesLeft === 0 || !isRetryable(error)) throw error;
      }
    }
  }

  /**
   * For what the rest of the world may see only when it has happened: messages, caches, log lines. Runs at once outside
   * of a transaction. The caller of {@link run} waits for it; its failure is logged, since the commit stands.
   */
  async afterCommit(hook: Hook): Promise<void> {
    const running = this.running.getStore();
    if (running) running.afterCommit.push(hook);
    else await this.settle(hook);
  }

  /** @param listener what {@link changed} names is told to it. */
  onChange(listener: ChangeListener): void {
    this.listener = listener;
  }

  /** @param listener is called after every commit, in the context of its caller, who waits for it. */
  onCommit(listener: Hook): void {
    this.committed = listener;
  }

  /** Names things that have changed, such as `order:<id>`: the listener hears of them after the commit, or at once. */
  async changed(...names: readonly string[]): Promise<void> {
    const running = this.running.getStore();
    if (!running) return this.tell(new Set(names));
    for (const name of names) running.changes.add(name);
  }

  /** Whether the current call is part of a transaction. */
  get isRunning(): boolean {
    return this.running.getStore() !== undefined;
  }

  /** For several transactions of one request: what they change is told once, at the end, whatever comes of them. */
  async gather<T>(work: () => Promise<T>): Promise<T> {
    const names = new Set<string>();
    try {
      return await this.gathering.run(names, work);
    } finally {
      if (names.size > 0) await this.settle(() => this.listener?.([...names]));
    }
  }

  /** What the current transaction has changed so far. */
  get changes(): readonly string[] {
    return [...(this.running.getStore()?.changes ?? [])];
  }

  private async attempt<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const afterCommit: Hook[] = [];
    const changes = new Set<string>();
    try {
      const result = await this.dataSource.transaction((manager) =>
        this.running.run({ manager, afterCommit, changes }, () => work(manager)),
      );
      await Promise.all([this.tell(changes), ...[this.committed, ...afterCommit].map((hook) => this.settle(hook))]);
      return result;
    } catch (error) {
      if (isAway(error)) await Promise.all([this.tell(changes), this.settle(this.committed)]); // for all that is known
      throw error;
    }
  }

  private async tell(names: ReadonlySet<string>): Promise<void> {
    const gathered = this.gathering.getStore();
    if (gathered) for (const name of names) gathered.add(name);
    else if (names.size > 0) await this.settle(() => this.listener?.([...names]));
  }

  private async settle(hook: Hook): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.log.error('what should follow a commit failed', { error });
    }
  }
}
