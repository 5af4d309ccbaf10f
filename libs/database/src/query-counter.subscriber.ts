import { currentContext } from '@app/logging';
import {
  type AfterQueryEvent,
  type BeforeQueryEvent,
  type EntitySubscriberInterface,
  EventSubscriber,
  type QueryRunner,
} from 'typeorm';
import { countFailure, queryDuration } from './database.metrics.js';

/** Adds each statement, BEGIN and COMMIT too, to the metrics, and to count and time of the request that sent it. */
@EventSubscriber()
export class QueryCounter implements EntitySubscriberInterface {
  private readonly started = new WeakMap<QueryRunner, number>();

  beforeQuery(event: BeforeQueryEvent): void {
    this.started.set(event.queryRunner, performance.now());
  }

  afterQuery({ queryRunner, error }: AfterQueryEvent): void {
    const now = performance.now();
    const ms = now - (this.started.get(queryRunner) ?? now);
    queryDuration.observe(ms / 1_000);
    if (error) countFailure(error);
    const context = currentContext();
    if (!context) return;
    context.db.queries += 1;
    context.db.ms += ms;
  }
}
