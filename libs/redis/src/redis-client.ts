import type { createClient as create, RedisClientType } from 'redis';

/** What one Redis and a cluster take alike. Several keys of one script must have the same hash tag. */
export type RedisClient = Pick<RedisClientType, Command>;
type Command = 'del' | 'eval' | 'evalSha' | 'exists' | 'get' | 'lPush' | 'mGet' | 'pTTL' | 'ping' | 'set';

const CONNECT_TIMEOUT_MS = 500;
const PING_INTERVAL_MS = 1_000;
/** More than two pings: a connection that died in silence is noticed after this. */
const SOCKET_TIMEOUT_MS = 2_500;
const RETRY_MIN_MS = 50;
/** Below one second, so that what a cut-off instance could not tell the others reaches them within two. */
const RETRY_MAX_MS = 900;
const MAX_QUEUED = 5_000;

/** @returns milliseconds before the next attempt, spread so that instances do not come all at once. */
export function retryMs(attempt: number): number {
  return Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS) * (0.5 + Math.random() / 2);
}

/**
 * Of a connection that never makes anyone wait for it.
 *
 * @param name shown in `CLIENT LIST`.
 */
export function connectionOptions(name: string) {
  return {
    name,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    pingInterval: PING_INTERVAL_MS,
    // Of use with Redis Enterprise alone; elsewhere it is one refused command, and a name look-up, for each connection.
    maintNotifications: 'disabled' as const,
    // The default makes an AbortSignal for each command, four times the cost; a deadline of our own bounds them.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
  };
}

/**
 * A client of one Redis. It is loaded only where Redis is configured.
 *
 * @param reconnects for ever; otherwise a lost connection is its end.
 */
export async function createRedisClient(
  url: string,
  { name, reconnects }: { name: string; reconnects: boolean },
): Promise<RedisClientType> {
  const { createClient }: { createClient: typeof create } = await import('redis');
  const options = connectionOptions(name);
  return createClient({ url, ...options, socket: { ...options.socket, reconnectStrategy: reconnects && retryMs } });
}
