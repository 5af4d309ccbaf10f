import { type DestinationStream, type Logger, type LoggerOptions, destination, pino } from 'pino';
import { errorFields } from './error-fields.js';
import { prettyStream } from './pretty-stream.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LoggingOptions {
  readonly level: LogLevel | 'silent';
  /** `json`: one object a line. `pretty`: for a person at a terminal. */
  readonly format: 'json' | 'pretty';
  /** Where lines go; standard output unless a test listens. */
  readonly stream?: DestinationStream;
}

/** Members that never reach a line, whatever a caller passes: the second lock behind "do not log them". */
const SECRETS = [
  'password',
  'currentPassword',
  'newPassword',
  'access_token',
  'refresh_token',
  'token',
  'authorization',
];

let root: Logger;
let requests: Logger;
build({ level: 'info', format: 'json' }, destination(1));

/** The process's one pino logger. Ask for it at each use: {@link configureLogging} replaces it. */
export function rootLogger(): Logger {
  return root;
}

/** For the line of each request: its members are known, so nothing is looked through for secrets. */
export function requestLogger(): Logger {
  return requests;
}

/** Sets level, format and destination for the whole process; call once, before the application is made. */
export async function configureLogging(options: LoggingOptions): Promise<void> {
  build(options, options.stream ?? (await standardOutput(options.format)));
}

function build({ level }: LoggingOptions, stream: DestinationStream): void {
  const options: LoggerOptions = {
    level,
    base: null,
    messageKey: 'message',
    errorKey: 'error',
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: (error: unknown) => errorFields(error) },
  };
  requests = pino(options, stream);
  root = pino(
    { ...options, redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' } },
    stream,
  );
}

function standardOutput(format: LoggingOptions['format']): DestinationStream | Promise<DestinationStream> {
  return format === 'json' ? destination({ dest: 1, sync: true }) : prettyStream();
}
