/**
 * Whether figures may be kept: those of a replica, once everyone on the primary sees all that it saw. Until then a reader
 * there might see as many writes, and not the same ones: commits become visible on both in an order that may differ.
 */
export function isSettled(horizon: string): string {
  return `(${horizon}::xid8 IS NULL OR pg_snapshot_xmin(pg_current_snapshot()) >= ${horizon}::xid8)`;
}
