/** What the composition root gives. */
export abstract class TelemetryOptions {
  /** Requests per second that a process sustains, as its operator measured them; undefined: estimated. */
  abstract readonly capacityRps: number | undefined;
  /** Templates of routes that are no part of the service, such as those of health. */
  abstract readonly unlisted: RegExp;
}
