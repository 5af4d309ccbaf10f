import type { DestinationStream } from 'pino';

type Line = Readonly<Record<string, unknown>>;

/** Members that {@link sentence} says already, or that only programs want. */
const SAID = 'module,function,line,method,route,path,status,duration_ms,db_queries,db_ms,user_id';

/** Lines for a person at a terminal. The formatter is loaded when it is wanted: production writes JSON. */
export async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: true,
    timestampKey: 'timestamp',
    messageKey: 'message',
    errorLikeObjectKeys: ['error'],
    translateTime: 'HH:MM:ss.l',
    ignore: SAID,
    messageFormat: sentence,
    singleLine: true,
    sync: true,
  });
}

/** `[OrdersController] GET /api/v1/orders 200 in 3.2 ms, 2 queries` */
function sentence(line: Line, messageKey: string): string {
  return `[${word(line, 'module')}] ${line['method'] === undefined ? word(line, messageKey) : requestSentence(line)}`;
}

function requestSentence(line: Line): string {
  const [method, path, status, ms, queries] = ['method', 'path', 'status', 'duration_ms', 'db_queries'].map((name) =>
    word(line, name),
  );
  return `${method} ${path} ${status} in ${ms} ms, ${queries} queries`;
}

function word(line: Line, name: string): string {
  const value = line[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}
