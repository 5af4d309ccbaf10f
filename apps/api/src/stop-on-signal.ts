import { AppLogger } from '@app/logging';

const log = new AppLogger('main');
/** A request that never ends must not keep a process that was told to go. */
const DEADLINE_MS = 20_000;

/**
 * Ends the process with 0 after `stop`, once, on SIGTERM or SIGINT; a second signal finds it under way.
 *
 * @returns aborted from the signal on.
 */
export function stopOnSignal(stop: () => Promise<void>): AbortSignal {
  const stopping = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info('stopping', { signal });
    setTimeout(() => fail(new Error(`still running after ${DEADLINE_MS} ms`)), DEADLINE_MS).unref();
    stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stopping.signal;
}

function fail(error: unknown): void {
  log.error('the stop failed', { error });
  process.exit(1);
}
