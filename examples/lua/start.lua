-- What the plugin does before it can serve: it builds the tables that its
-- functions answer from. It is given cpu(), the seconds that this thread has
-- computed, and the program's own arguments.

local cpu = ...
local program = select(2, ...)
local began = cpu()

-- The tables grow until this much has been computed, so that starting takes a
-- while on a fast machine too.
local QUOTA = 0.120

-- The tests stop the start-up here, by a fifo that they open when they are ready.
local hold = os.getenv("LUAPLUG_HOLD")
if hold then
  local fifo <close> = assert(io.open(hold))
  fifo:read("a")
end

-- Primes, by a sieve that goes on where it stopped.

local primes = { 2, 3 }
local sieved = 4

local function sieve(span)
  -- The primes that divide the next span lie below the root of its end.
  local from, to = sieved + 1, math.min(sieved + span, sieved * sieved)
  local composite = {}
  for _, p in ipairs(primes) do
    if p * p > to then
      break
    end
    for n = math.max(p * p, (from + p - 1) // p * p), to, p do
      composite[n - from + 1] = true
    end
  end
  for n = from, to do
    if not composite[n - from + 1] then
      primes[#primes + 1] = n
    end
  end
  sieved = to
end

-- Numbers in words, and for each word the numbers that have it.

local ones = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
  "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen" }
local tens = { "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety" }
local scales = { { 1000000, "million" }, { 1000, "thousand" }, { 100, "hundred" } }

local function spell_number(n)
  local words = {}
  for _, scale in ipairs(scales) do
    if n >= scale[1] then
      words[#words + 1] = spell_number(n // scale[1])
      words[#words + 1] = scale[2]
      n = n % scale[1]
    end
  end
  if n >= 20 then
    words[#words + 1] = tens[n // 10]
    n = n % 10
  end
  if n > 0 then
    words[#words + 1] = ones[n]
  end
  return table.concat(words, " ")
end

local spelled = {}
local index = {}

local function index_numbers(count)
  for n = #spelled + 1, #spelled + count do
    spelled[n] = spell_number(n)
    for word in spelled[n]:gmatch("%a+") do
      local list = index[word]
      if not list then
        list = {}
        index[word] = list
      end
      if list[#list] ~= n then
        list[#list + 1] = n
      end
    end
  end
end

-- Templates: text with ${expressions}, compiled to functions.

local function compile(template)
  local code = { "local _ENV = ...; return table.concat({" }
  local at = 1
  for before, expression, after in template:gmatch("()%${(.-)}()") do
    code[#code + 1] = string.format("%q, tostring(%s), ", template:sub(at, before - 1), expression)
    at = after
  end
  code[#code + 1] = string.format("%q })", template:sub(at))
  return assert(load(table.concat(code), "=template", "t"))
end

local templates = {
  greeting = compile("Hello ${name}, you are number ${spell(number)}."),
  prime = compile("The ${number}th prime is ${prime(number)}."),
}

-- What the host can call.

function add(a, b)
  return a + b
end

function prime(n)
  while #primes < n do
    sieve(1 << 15)
  end
  return primes[n]
end

function spell(n)
  n = math.tointeger(n)
  if not n or n < 1 or n > 999999999 then
    error("cannot spell that number", 2)
  end
  return spelled[n] or spell_number(n)
end

-- How many of the first thousand numbers have this word in their name.
function count_word(word)
  local count = 0
  for _, n in ipairs(index[word] or {}) do
    if n > 1000 then
      break
    end
    count = count + 1
  end
  return count
end

function render(name, who, number)
  local template = templates[name] or error("no template '" .. name .. "'", 2)
  return template(setmetatable({ name = who, number = number }, { __index = _G }))
end

function host_program()
  return program or "unknown"
end

index_numbers(1000)
repeat
  sieve(1 << 14)
  index_numbers(500)
until cpu() - began >= QUOTA
