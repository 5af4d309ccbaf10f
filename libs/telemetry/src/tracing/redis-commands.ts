import { tracingChannel, type TracingChannelSubscribers } from 'node:diagnostics_channel';
import { type Span, startSpan } from '@app/logging';

/** What the client tells of a command. Its arguments, too; they hold keys and values, and are left there. */
interface Command {
  readonly command: string;
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  readonly error?: unknown;
}

/**
 * A span for each command that a request or job sends, pipelined ones too, as the client itself announces them; nothing
 * is patched. https://opentelemetry.io/docs/specs/semconv/database/redis/
 *
 * @returns what ends it.
 */
export function traceRedis(): () => void {
  const channel = tracingChannel<string, Command>('node-redis:command');
  const running = new WeakMap<Command, Span>();
  const start = (command: Command): void => {
    const span = startSpan(() => describe(command));
    if (span) running.set(command, span);
  };
  const asyncEnd = (command: Command): void => {
    const { error } = command;
    const span = running.get(command);
    if (error === undefined) span?.end();
    else span?.end({ errorType: error instanceof Error ? error.name : 'Error' });
  };
  const nothing = (): void => undefined;
  const subscribers: TracingChannelSubscribers<Command> = {
    start,
    asyncEnd,
    end: nothing,
    asyncStart: nothing,
    error: nothing,
  };
  channel.subscribe(subscribers);
  return () => channel.unsubscribe(subscribers);
}

function describe({ command, serverAddress, serverPort }: Command) {
  return {
    name: command,
    kind: 'client' as const,
    attributes: {
      'db.system.name': 'redis',
      'db.operation.name': command,
      'server.address': serverAddress,
      ...(serverPort !== undefined && { 'server.port': serverPort }),
    },
  };
}
