import { currentContext } from '@app/logging';
import {
  type AfterQueryEvent,
  type BeforeQueryEvent,
  type EntitySubscriberInterface,
  EventSubscriber,
  type QueryRunner,
} from 'typeorm';

/** Adds each statement, BEGIN and COMMIT too, to the count and time of the request that sent it. */
@EventSubscriber()
export class QueryCounter implements EntitySubscriberInterface {
  private readonly started = new WeakMap<QueryRunner, number>();

  beforeQuery(event: BeforeQueryEvent): void {
    this.started.set(event.queryRunner, performance.now());
  }

  afterQuery(event: AfterQueryEvent): void {
    const context = currentContext();
    if (!context) return;
    context.db.queries += 1;
    context.db.ms += performance.now() - (this.started.get(event.queryRunner) ?? performance.now());
  }
}
