import { type DestinationStream, type Logger, destination, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LoggingOptions {
  readonly level: LogLevel | 'silent';
  /** `json`: one object a line. `pretty`: for a person at a terminal. */
  readonly format: 'json' | 'pretty';
  /** Where lines go; standard output unless a test listens. */
  readonly stream?: DestinationStream;
}

/** Members that never reach a line, whatever a caller passes: the second lock behind "do not log them". */
const SECRETS = ['password', 'currentPassword', 'newPassword', 'access_token', 'refresh_token', 'token', 'authorization'];

let root: Logger = build({ level: 'info', format: 'json' }, destination(1));

/** The process's one pino logger. Ask for it at each use: {@link configureLogging} replaces it. */
export function rootLogger(): Logger {
  return root;
}

/** Sets level, format and destination for the whole process; call once, before the application is made. */
export async function configureLogging(options: LoggingOptions): Promise<void> {
  root = build(options, options.stream ?? (await standardOutput(options.format)));
}

function build(options: LoggingOptions, stream: DestinationStream): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    stream,
  );
}

async function standardOutput(format: LoggingOptions['format']): Promise<DestinationStream> {
  if (format === 'json') return destination({ dest: 1, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: true,
    timestampKey: 'timestamp',
    messageKey: 'message',
    errorLikeObjectKeys: ['error'],
    translateTime: 'HH:MM:ss.l',
    ignore: 'module,function,line',
    messageFormat: (line, key) => `${line['module'] === undefined ? '' : `[${String(line['module'])}] `}${String(line[key])}`,
    singleLine: true,
    sync: true,
  });
}
