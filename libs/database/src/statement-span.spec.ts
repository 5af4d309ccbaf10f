import { expect, it } from '@jest/globals';
import { withoutValues } from './statement-span.js';

it.each([
  ['SELECT 1 FROM "users" WHERE "id" = $1', 'SELECT 1 FROM "users" WHERE "id" = $1'],
  ["\n  SELECT 'a', 'it''s; secret', $1", "SELECT '?', '?', $1"],
  [`SELECT '${'x'.repeat(3_000)}', 1`, "SELECT '?'"],
  [`SELECT ${'1'.repeat(3_000)}`, `SELECT ${'1'.repeat(2_041)}`],
])('%.40s → without what stands in quotes, and cut', (text, kept) => {
  expect(withoutValues(text)).toBe(kept);
});
