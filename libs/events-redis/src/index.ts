export { createRedisEvents, type RedisEventsOptions } from './redis-events.ts';
