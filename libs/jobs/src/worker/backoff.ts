const FIRST_S = 1;
const LONGEST_S = 300;

/** Seconds until the next attempt: twice as long after each failure. @param failures so far, from 1. */
export function pauseS(failures: number): number {
  return Math.min(LONGEST_S, FIRST_S * 2 ** (failures - 1));
}
