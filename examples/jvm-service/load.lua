-- SPDX-License-Identifier: MIT
-- wrk's requests: faces, and with BAD=10 each tenth one malformed. At the end,
-- how many answers were what they should be.
local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

local bad = tonumber(os.getenv("BAD") or "0")
local face = read(os.getenv("FACE"))
local malformed = {face:sub(1, math.floor(#face / 2)), "no image", "", face:sub(100)}
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  sent, right, wrong, busy = 0, 0, 0, 0
  wrk.method = "POST"
  good_request = wrk.format(nil, "/v1/score?faces=none", nil, face)
  bad_requests = {}
  for i, body in ipairs(malformed) do
    bad_requests[i] = wrk.format(nil, "/v1/score?faces=none", nil, body)
  end
end

function request()
  sent = sent + 1
  if bad > 0 and sent % math.floor(100 / bad) == 0 then
    return bad_requests[sent % #bad_requests + 1]
  end
  return good_request
end

-- A connection's answers come in its order, but wrk does not say which request
-- an answer belongs to: a good one must name the class, a bad one be refused.
function response(status, _, body)
  if status == 200 and body:find('"label":"happiness"', 1, true) then
    right = right + 1
  elseif status == 422 then
    right = right + 1
  elseif status == 503 then
    busy = busy + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local right, wrong, busy = 0, 0, 0
  for _, thread in ipairs(threads) do
    right = right + thread:get("right")
    wrong = wrong + thread:get("wrong")
    busy = busy + thread:get("busy")
  end
  print(string.format(
    "| %d | %.0f | %.1f | %.1f | %d | %d |", right,
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, busy, wrong + summary.errors.connect
      + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
