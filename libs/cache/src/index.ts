export { CacheInterceptor } from './cache.interceptor.js';
export { CacheModule } from './cache.module.js';
export { CACHED_EXTENSION, CacheResult, type CacheRule, InvalidatesCache, type RouteCall } from './cache-rule.js';
export { LayeredCache } from './layered-cache.js';
