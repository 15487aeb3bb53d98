/**
 * One script for one decision, so that it is atomic for all clients; all of them read the server's clock.
 *
 * Sliding log: `KEYS[1]` is a list with the times (microseconds) of what passed, oldest first: at most `limit` entries of 10
 * bytes (a listpack integer), 5 kB for a user with a full window and 10 kB for an admin. What is out of the window is found
 * by bisection and cut off in one step; usually there is none at the head and a decision is O(1). Microseconds, because times
 * cut to milliseconds would let a window hold one more. `KEYS[2]` is the end of a block. Both vanish by themselves, a second after
 * they say nothing more.
 *
 * A server clock that steps back shifts the whole log by as much, as if no time had passed.
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** Lua that gives the time in microseconds as a number. */
export const SERVER_CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]`;

/** KEYS: log, block. ARGV: limit, windowMs, blockMs (0: none), 1 if the block begins with the last place. */
const TAKE = `
local log, limit = KEYS[1], tonumber(ARGV[1])
local window, block = ARGV[2] * 1000, ARGV[3] * 1000
local count = redis.call('LLEN', log)

if count > 0 then
  local back = redis.call('LINDEX', log, -1) - now
  if back > 0 then
    local times = redis.call('LRANGE', log, 0, -1)
    redis.call('DEL', log)
    for index = 1, count do redis.call('RPUSH', log, times[index] - back) end
    redis.call('PEXPIRE', log, ARGV[2] + 1000)
  end
  local edge, low, high = now - window, 0, count
  if tonumber(redis.call('LINDEX', log, 0)) > edge then high = 0 end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', log, middle)) > edge then high = middle else low = middle + 1 end
  end
  if low > 0 then
    redis.call('LTRIM', log, low, -1)
    count = count - low
  end
end

local blocked = 0
if block > 0 then
  blocked = math.min(block, math.max(0, (redis.call('GET', KEYS[2]) or 0) - now))
end
local allowed = 0
if blocked == 0 and count < limit then
  allowed = 1
  redis.call('RPUSH', log, now)
  redis.call('PEXPIRE', log, ARGV[2] + 1000)
  count = count + 1
end
if block > 0 and blocked == 0 then
  local begins = allowed == 0
  if ARGV[4] == '1' then begins = allowed == 1 and count >= limit end
  if begins then
    blocked = block
    redis.call('SET', KEYS[2], now + block, 'PX', ARGV[3] + 1000)
  end
end

local empty, free = 0, 0
if count > 0 then empty = redis.call('LINDEX', log, -1) + window - now end
if count >= limit then free = redis.call('LINDEX', log, count - limit) + window - now end
return {allowed, count, empty, free, blocked}`;

/** KEYS: the leases, a sorted set by their end (microseconds). ARGV: limit, leaseMs, lease id. */
const HOLD = `
local leases, limit, lease = KEYS[1], tonumber(ARGV[1]), ARGV[2] * 1000
local last = string.format('%.0f', now + lease)
redis.call('ZREMRANGEBYSCORE', leases, '-inf', string.format('%.0f', now))
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. last, '+inf')) do
  redis.call('ZADD', leases, last, id)
end
local count = redis.call('ZCARD', leases)
local known = redis.call('ZSCORE', leases, ARGV[3])
if known or count < limit then
  redis.call('ZADD', leases, last, ARGV[3])
  redis.call('PEXPIRE', leases, ARGV[2] + 1000)
  if not known then count = count + 1 end
  return {1, count, 0}
end
local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
return {0, count, first[2] - now}`;

/** KEYS: the leases. ARGV: lease id. Only a lease that still ran was held. */
const RELEASE = `
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
if ends and tonumber(ends) > now then return 1 end
return 0`;

export interface Scripts {
  readonly take: Script;
  readonly hold: Script;
  readonly release: Script;
}

function toScript(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/** `clock` is Lua that defines `now`; another one than the server's is for tests on model time. */
export function createScripts(clock: string = SERVER_CLOCK): Scripts {
  return { take: toScript(clock + TAKE), hold: toScript(clock + HOLD), release: toScript(clock + RELEASE) };
}
