/** What the composition root gives. */
export abstract class DrainOptions {
  /** From the signal until new connections are refused, in milliseconds. */
  abstract readonly delayMs: number;
}
