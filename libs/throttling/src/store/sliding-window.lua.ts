/**
 * {@link SlidingWindow} inside Redis, on its clock: for each key one window, kept as one string that lives no longer than
 * its newest hit. ARGV has five numbers a key: limit, window, cost (0 looks, below 0 gives back), block, and when the cost
 * was counted that is given back.
 *
 * Answers six numbers a key: admitted, remaining, wait, reset, reset before, now. A look and a denied hit write nothing.
 */
export const SLIDING_WINDOW = `
local SLOTS = 60
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)

local function slot_of(at, window) return math.floor(at * SLOTS / window) end

local function read(key, window)
  local state = { last = {}, count = {}, used = 0, blocked = 0, now = clock }
  local packed = redis.call('GET', key)
  if not packed then return state end
  local flat = cmsgpack.unpack(packed)
  state.blocked = flat[1]
  state.now = math.max(clock, flat[#flat - 1] or 0)
  for i = 2, #flat, 2 do
    if flat[i] > state.now - window then
      state.last[#state.last + 1] = flat[i]
      state.count[#state.count + 1] = flat[i + 1]
      state.used = state.used + flat[i + 1]
    end
  end
  return state
end

local function reset_of(state, window)
  local newest = state.last[#state.last]
  return math.max(newest and newest + window - state.now or 0, state.blocked - state.now, 0)
end

local function write(key, state, window)
  local flat = { state.blocked }
  for i = 1, #state.last do
    if state.count[i] > 0 then
      flat[#flat + 1] = state.last[i]
      flat[#flat + 1] = state.count[i]
    end
  end
  local keep = math.max((#flat > 1 and flat[#flat - 1] + window or 0), state.blocked) - state.now
  if keep > 0 then redis.call('SET', key, cmsgpack.pack(flat), 'PX', keep) else redis.call('DEL', key) end
end

local function add(state, units, window)
  local newest = #state.last
  state.used = state.used + units
  if newest == 0 or slot_of(state.last[newest], window) ~= slot_of(state.now, window) then
    newest = newest + 1
    state.count[newest] = 0
  end
  state.last[newest] = state.now
  state.count[newest] = state.count[newest] + units
end

local function give_back(state, units, at, window)
  for i = #state.last, 1, -1 do
    if slot_of(state.last[i], window) <= slot_of(at, window) then
      local taken = math.min(units, state.count[i])
      state.count[i] = state.count[i] - taken
      state.used = state.used - taken
      units = units - taken
    end
  end
end

local function wait_of(state, needed, limit, window)
  if state.blocked > state.now then return state.blocked - state.now end
  local left = state.used
  for i = 1, #state.last do
    left = left - state.count[i]
    if left + needed <= limit then return state.last[i] + window - state.now end
  end
  return window
end

local function take(key, limit, window, cost, block)
  local state = read(key, window)
  local before = reset_of(state, window)
  local is_blocked = state.blocked > state.now
  local needed = cost > 0 and math.min(cost, limit) or 1
  local admitted = not is_blocked and limit > 0 and state.used + needed <= limit
  if cost > 0 and admitted then
    add(state, needed, window)
    write(key, state, window)
  elseif cost > 0 and not is_blocked and block > 0 then
    state.blocked = state.now + block
    write(key, state, window)
  end
  local remaining = state.blocked > state.now and 0 or math.max(0, limit - state.used)
  local wait = 0
  if not admitted or remaining == 0 then wait = wait_of(state, admitted and 1 or needed, limit, window) end
  return { admitted and 1 or 0, remaining, wait, reset_of(state, window), before, state.now }
end

local replies = {}
for i, key in ipairs(KEYS) do
  local first = (i - 1) * 5
  local limit, window, cost = tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
  if cost < 0 then
    local state = read(key, window)
    give_back(state, math.min(-cost, limit), tonumber(ARGV[first + 5]), window)
    write(key, state, window)
    replies[i] = {}
  else
    replies[i] = take(key, limit, window, cost, tonumber(ARGV[first + 4]))
  end
end
return replies
`;
