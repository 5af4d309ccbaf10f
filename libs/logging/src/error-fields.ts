/** What the log keeps of an error. */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  /** Machine-readable code of Node, PostgreSQL, …. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

const MAX_CAUSES = 5;

/**
 * An error without its other members: database errors carry the statement and its parameters, and so password hashes
 * and personal data.
 */
export function errorFields(error: unknown, causesLeft = MAX_CAUSES): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && causesLeft > 0 && { cause: errorFields(error.cause, causesLeft - 1) }),
  };
}
