import { codes } from 'currency-codes';

/**
 * What has changed since the list of the package was published. SIX, ISO 4217 amendments 176 (Caribbean guilder, 31 March
 * 2025) and 180 (Bulgaria in the euro area, 1 January 2026).
 */
const ADDED = ['XCG'];
const WITHDRAWN = ['ANG', 'BGN'];

const CURRENT: ReadonlySet<string> = new Set([...codes(), ...ADDED].filter((code) => !WITHDRAWN.includes(code)));

/** Whether the text is a current ISO 4217 code, in upper case. */
export function isCurrency(text: unknown): text is string {
  return typeof text === 'string' && CURRENT.has(text);
}
