-- The usual sliding log in Redis: one sorted set a user, one member a call, the server's clock.
-- KEYS[1] the user; ARGV[1] window in microseconds; ARGV[2] quota; ARGV[3] something that tells members of one microsecond apart.
-- A member is named by the clock's own words: Lua prints a number with 14 digits, so that calls within 100 us were one.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local window = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used < tonumber(ARGV[2]) then
    redis.call('ZADD', KEYS[1], now, clock[1] .. '.' .. clock[2] .. '-' .. ARGV[3])
    redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
    return {1, used + 1, 0}
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {0, used, tonumber(oldest[2]) + window - now}
