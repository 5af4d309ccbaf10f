export { hashTag } from './link/hash-slot.js';
export { RedisAwayError } from './redis-away.error.js';
export type { RedisClient } from './redis-client.js';
export { RedisConnection } from './redis-connection.js';
export { RedisModule } from './redis.module.js';
export { RedisSubscriber } from './redis-subscriber.js';
