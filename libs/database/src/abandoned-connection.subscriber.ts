import { Client } from 'pg';
import { type AfterQueryEvent, type EntitySubscriberInterface, EventSubscriber } from 'typeorm';
import { isReadTimeout } from './database-errors.js';

/**
 * Cuts the connection of a query that the driver gave up waiting for. The server may run it yet: back in the pool, the
 * connection would let the next request wait behind it, and commit what its transaction had done before.
 */
@EventSubscriber()
export class AbandonedConnections implements EntitySubscriberInterface {
  async afterQuery({ error, queryRunner }: AfterQueryEvent): Promise<void> {
    if (!isReadTimeout(error)) return;
    const client: unknown = await queryRunner.connect();
    // Not awaited: it is over when the socket is gone, and a query under way makes the driver destroy it at once.
    if (client instanceof Client) void client.end();
  }
}
