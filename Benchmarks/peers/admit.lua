-- POST /v1/admit of a random user for wrk, or GET of `path`; prints what came of it as a line of JSON.
-- wrk … -- KEY USERS [PATH]
local head, users, constant

function init(words)
    users = tonumber(words[2])
    local key = "Host: 127.0.0.1\r\nAuthorization: Bearer " .. words[1] .. "\r\n"
    if words[3] then constant = "GET " .. words[3] .. " HTTP/1.1\r\n" .. key .. "\r\n" end
    head = "POST /v1/admit HTTP/1.1\r\n" .. key .. "Content-Type: application/json\r\nContent-Length: 47\r\n\r\n"
        .. '{"user":"51510000-0000-4000-0000-'
    math.randomseed(os.time())
end

function request()
    return constant or (head .. string.format("%012x", math.random(0, users - 1)) .. '"}')
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"rate":%.0f,"p50_ms":%.3f,"p99_ms":%.3f,"answers":%d,"failed":%d}\n', summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
