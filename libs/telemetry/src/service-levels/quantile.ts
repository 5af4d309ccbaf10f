/**
 * As Prometheus' `histogram_quantile` estimates it: straight within a bucket; beyond the last bound, that bound.
 *
 * @param share 0 to 1.
 * @param bounds upper bounds, ascending.
 * @param cumulative counts up to each bound, and of all.
 * @returns null when nothing was counted.
 */
export function quantile(share: number, bounds: readonly number[], cumulative: readonly number[]): number | null {
  const total = cumulative.at(-1) ?? 0;
  if (total <= 0) return null;
  const rank = share * total;
  const index = cumulative.findIndex((count) => count >= rank);
  const upper = bounds[index];
  if (upper === undefined) return bounds.at(-1) ?? null;
  const lower = bounds[index - 1] ?? 0;
  const below = cumulative[index - 1] ?? 0;
  return lower + ((upper - lower) * (rank - below)) / ((cumulative[index] ?? 0) - below);
}
