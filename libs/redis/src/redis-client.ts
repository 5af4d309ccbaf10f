import type { createClient as create, RedisClientType } from 'redis';

export type RedisClient = RedisClientType;

const CONNECT_TIMEOUT_MS = 500;
const PING_INTERVAL_MS = 1_000;
/** More than two pings: a connection that died in silence is noticed after this. */
const SOCKET_TIMEOUT_MS = 2_500;
const RETRY_MIN_MS = 50;
/** Below one second, so that what a cut-off instance could not tell the others reaches them within two. */
const RETRY_MAX_MS = 900;
const MAX_QUEUED = 5_000;

/**
 * A client that never makes anyone wait for a connection, and reconnects for ever. It is loaded only where Redis is
 * configured.
 *
 * @param name shown in `CLIENT LIST`.
 */
export async function createRedisClient(url: string, name: string): Promise<RedisClient> {
  const { createClient }: { createClient: typeof create } = await import('redis');
  return createClient({
    url,
    name,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    pingInterval: PING_INTERVAL_MS,
    // Of use with Redis Enterprise alone; elsewhere it is one refused command, and a name look-up, for each connection.
    maintNotifications: 'disabled',
    // The default makes an AbortSignal for each command, four times the cost; a deadline of our own bounds them.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      reconnectStrategy: (attempt) => Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS) * (0.5 + Math.random() / 2),
    },
  });
}
