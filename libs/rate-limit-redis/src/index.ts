export { type ConnectionOptions, connect } from './connection.ts';
export { createRedisRateLimits, type RedisClient, type RedisRateLimitsOptions } from './redis-rate-limits.ts';
