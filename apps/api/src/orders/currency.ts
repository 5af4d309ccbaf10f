import { codes } from 'currency-codes';

/**
 * What has changed since the list of the package was published. SIX, ISO 4217 amendments 176 (XCG for ANG, 31 March 2025),
 * 178 (CUC withdrawn), 179 (XAD, 12 May 2025) and 180 (Bulgaria in the euro area, 1 January 2026).
 */
const ADDED = ['XAD', 'XCG'];
const WITHDRAWN = ['ANG', 'BGN', 'CUC'];

/** Every current ISO 4217 code, in the order of the alphabet. */
export const CURRENCIES: readonly string[] = [...codes(), ...ADDED]
  .filter((code) => !WITHDRAWN.includes(code))
  .toSorted();

const CURRENT: ReadonlySet<string> = new Set(CURRENCIES);

/** Whether the text is a current ISO 4217 code, in upper case. */
export function isCurrency(text: unknown): text is string {
  return typeof text === 'string' && CURRENT.has(text);
}
