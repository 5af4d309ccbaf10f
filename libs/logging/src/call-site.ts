import { getCallSites } from 'node:util';

export interface CallSite {
  /** Name of the calling function or method; null in module scope. */
  readonly function: string | null;
  /** Line in the source (mapped back to TypeScript), counted from 1. */
  readonly line: number | null;
}

const UNKNOWN: CallSite = { function: null, line: null };

/**
 * Where the caller of the caller stands. One stack walk, some 6 µs and more: for definitions and for the first line of each
 * call site only, never per request.
 *
 * @param depth frames to skip above this function: 1 is the direct caller.
 */
export function callSite(depth: number): CallSite {
  const frame = getCallSites(depth + 1, { sourceMap: true }).at(depth);
  if (!frame) return UNKNOWN;
  return { function: frame.functionName === '' ? null : frame.functionName, line: frame.lineNumber };
}
