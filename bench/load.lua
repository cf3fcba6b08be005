-- wrk's own count of a run as one line of JSON, and what load.ts asks for as NAME=VALUE after `--`. A
-- script without `request` and `response` leaves wrk's fast path as it is.
function init(args)
  for _, arg in ipairs(args) do
    local name, value = arg:match("^([^=]+)=(.*)$")
    if name == "post" then
      wrk.method = "POST"
      wrk.body = string.rep("a", tonumber(value))
    elseif name == "varied" then
      -- No request is like another one.
      local before, after
      local count = math.random(1, 999999) * 1000000
      request = function()
        if not before then
          before, after = wrk.format(nil, wrk.path .. "?item=COUNT"):match("^(.*)COUNT(.*)$")
        end
        count = count + 1
        return before .. count .. after
      end
    elseif name == "pause" then
      -- Between an answer and the next request, 0 to twice as many milliseconds.
      local most = 2 * tonumber(value)
      delay = function() return math.floor(math.random() * most + 0.5) end
    else
      wrk.headers[name] = value
    end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nwrk-summary {"requests":%d,"bytes":%d,"microseconds":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},' ..
    '"p50Microseconds":%d,"p99Microseconds":%d}\n',
    summary.requests, summary.bytes, summary.duration,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
