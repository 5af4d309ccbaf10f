/**
 * How to reach PostgreSQL with a connection that keeps its session, for whoever listens: through the URL of the pool, if
 * that leads past no pooler in transaction mode.
 */
export abstract class DirectDatabase {
  abstract readonly url: string;
}
