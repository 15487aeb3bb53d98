export { createRedisRateLimits, type RedisClient, type RedisRateLimitsOptions } from './redis-rate-limits.ts';
