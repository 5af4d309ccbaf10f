/**
 * Redis is not configured, cannot be reached, or has not answered in time. Whoever asks goes on without it; the state and
 * its reason are logged once, so this has no stack and its throwing costs next to nothing.
 */
export class RedisAwayError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'RedisAwayError';
  }
}
