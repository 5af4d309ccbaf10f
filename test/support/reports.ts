import { RollupFolder } from '../../apps/api/src/analytics/rollups/rollup.folder.js';
import type { TestApp } from './test-app.js';
import { until } from './waiting.js';

/** Until no change waits: the application folds by itself, too, and one at a time does it. */
export async function foldAll({ app, dataSource }: TestApp): Promise<void> {
  await until(async () => {
    await app.get(RollupFolder).fold();
    const [row] = await dataSource.query<{ count: number }[]>('SELECT count(*) AS count FROM analytics_changes');
    return row?.count === 0;
  });
}

/** An order with the times at which it was placed, paid and refunded. */
export interface Entered {
  readonly at: string;
  readonly cents?: number;
  readonly currency?: string;
  readonly paid?: string;
  readonly refunded?: string;
}

/** As somebody might have entered it by hand: past the application, with times of its own. */
export async function enter({ factory, dataSource }: TestApp, userId: string, entered: Entered): Promise<void> {
  const { at, cents = 1_000, currency = 'USD', paid, refunded } = entered;
  const status = refunded ? 'refunded' : paid ? 'paid' : 'pending';
  const amounts = { totalCents: cents, paidCents: paid ? cents : 0, refundedCents: refunded ? cents : 0 };
  const { id } = await factory.anOrder(userId, { status, currency, placedAt: new Date(at), ...amounts });
  const statement = 'UPDATE transactions SET created_at = $3, amount_cents = $4 WHERE order_id = $1 AND kind = $2';
  await dataSource.query(statement, [id, 'payment', paid, cents]);
  await dataSource.query(statement, [id, 'refund', refunded, cents]);
}
