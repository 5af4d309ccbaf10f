/** By nearest rank. @param share from 0 to 1. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values) {
  return quantile(values, 0.5);
}

/** A table in Markdown, numbers to the right. */
export function markdownTable(head, rows) {
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** 10000 → 10 k. */
export function short(count) {
  if (count % 1_000_000 === 0) return `${count / 1_000_000} M`;
  return count % 1_000 === 0 ? `${count / 1_000} k` : String(count);
}
