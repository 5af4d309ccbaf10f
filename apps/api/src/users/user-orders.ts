/** What a list of users tells about the orders of each. */
export interface UserOrderSummary {
  readonly ordersCount: number;
  /** Minor units by currency. */
  readonly revenue: Readonly<Record<string, number>>;
  /** The three newest, as the API shows orders. */
  readonly latestOrders: readonly object[];
}

/** Asked by the list of users; the orders feature answers, because users know no orders. */
export abstract class UserOrders {
  /** @returns a summary for every id, in a number of queries that does not depend on how many there are. */
  abstract summarise(userIds: readonly string[]): Promise<ReadonlyMap<string, UserOrderSummary>>;
}
