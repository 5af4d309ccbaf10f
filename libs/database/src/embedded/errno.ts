/**
 * Says whether a caught value is a system error with one of the given codes.
 * Duck-typed on purpose: under Jest the errors of node:fs come from another realm, where `instanceof Error` is false.
 *
 * @param error whatever was caught
 * @param codes errno names, such as 'ENOENT'
 */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return typeof error.code === 'string' && codes.includes(error.code);
}
