import { type AppError, ConcurrentUpdateError, RequestInvalidError, ServiceUnavailableError } from '@app/problem';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const QUERY_CANCELED = '57014';
const RETRYABLE = new Set(['40001', '40P01']);
/** https://www.postgresql.org/docs/15/errcodes-appendix.html: connection, resources, operator intervention, lock wait. */
const AWAY = /^(08|53|57|58)|^55P03$|^25P03$|^25006$/;
/** Wrong user or password, or no such database: what a start should say in one line. */
const REFUSED_LOGIN = /^(28|3D)/;
/** Data exceptions and the other integrity constraints (not null, check, exclusion). */
const REFUSED = /^(22|23)/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** The connection was lost between two statements: TypeORM gave it back in the middle of the work. */
const LOST_MEANWHILE = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];
const READ_TIMEOUT = 'Query read timeout';
/** Errors that node-postgres gives no code: a pool that has none free, a connection lost, a query timed out. */
const DRIVER_TEXT =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|not queryable|Driver not Connected/;

/** PostgreSQL's and the driver's errors in the words of the API: a conflict, refused input, or a database that is away. */
export function databaseProblem(error: unknown): AppError | undefined {
  const code = sqlState(error);
  if (code === UNIQUE_VIOLATION || code === FOREIGN_KEY_VIOLATION || isRetryable(error)) {
    return new ConcurrentUpdateError(error);
  }
  if (isAway(error)) return new ServiceUnavailableError(error);
  if (code !== undefined && REFUSED.test(code)) {
    return new RequestInvalidError([
      { pointer: '', code: 'refused', detail: 'The database refused a value as out of range.' },
    ]);
  }
  return undefined;
}

/** A serialization failure or a deadlock: the transaction was rolled back whole and may be run again. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(sqlState(error) ?? '');
}

/** PostgreSQL ended the statement: it took too long, or somebody cancelled it. */
export function isTimeout(error: unknown): boolean {
  return sqlState(error) === QUERY_CANCELED;
}

/** True when `error` is a unique violation of the constraint or index with this name. */
export function violatesUnique(error: unknown, constraint: string): boolean {
  return sqlState(error) === UNIQUE_VIOLATION && driverMember(error, 'constraint') === constraint;
}

/** The database cannot be reached, or cannot answer now. */
export function isAway(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined && (AWAY.test(code) || NETWORK.has(code))) return true;
  return LOST_MEANWHILE.some((type) => error instanceof type) || isDriverText(error);
}

function isDriverText(error: unknown): boolean {
  return error instanceof Error && DRIVER_TEXT.test(error.message);
}

export function isRefusedLogin(error: unknown): boolean {
  return REFUSED_LOGIN.test(sqlState(error) ?? '');
}

/** A pooler that takes nobody who sets `statement_timeout` when he connects. */
export function isRefusedParameter(error: unknown): boolean {
  return error instanceof Error && error.message.includes('unsupported startup parameter');
}

/** The driver gave up on a query that the server has not answered, and may still be running. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === READ_TIMEOUT;
}

/** In a few words, for a person; of an error with several causes, as when a name has several addresses, the first. */
export function causeOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}

function sqlState(error: unknown): string | undefined {
  return driverMember(error, 'code');
}

function driverMember(error: unknown, name: 'code' | 'constraint'): string | undefined {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(source instanceof Error)) return undefined;
  const member: unknown = Reflect.get(source, name);
  if (typeof member === 'string') return member;
  return source instanceof AggregateError ? driverMember(source.errors[0], name) : undefined;
}
