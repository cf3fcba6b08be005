-- wrk's own count of a run as one line of JSON, for load.ts. Only `done` is defined: a script
-- without `request` and `response` leaves wrk's fast path as it is.
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
