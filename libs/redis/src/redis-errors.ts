export function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'The queue is full';
}

/** In a few words, for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
