-- What Lua's own test does not do (`lua -v`): the parts of the interpreter that lean on the machine, each checked.
local function same(got, wanted)
  if got ~= wanted then
    error(string.format("got %s, not %s", tostring(got), tostring(wanted)), 2)
  end
end

-- errors: setjmp and longjmp over frames of the interpreter, through pcall, coroutines and metamethods
local function deep(n) if n == 0 then error({ code = 7 }) end return 1 + deep(n - 1) end
local ok, why = pcall(deep, 100)
same(ok, false)
same(why.code, 7)
same(select(2, pcall(string.rep)):match("bad argument #1"), "bad argument #1")
local thread = coroutine.create(function(a)
  local b = coroutine.yield(a + 1)
  error("in coroutine " .. b)
end)
same(select(2, coroutine.resume(thread, 1)), 2)
same(select(2, coroutine.resume(thread, 5)):match("in coroutine 5$"), "in coroutine 5")
local wrapped = coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i) end end)
local sum = 0
for _ = 1, 1000 do sum = sum + wrapped() end
same(sum, 500500)

-- numbers: 64-bit integers, their overflow, doubles, conversions both ways
same(math.maxinteger + 1, math.mininteger)
same(math.maxinteger // -1, -math.maxinteger)
same(1 << 63, math.mininteger)
same(-7 // 2, -4)
same(-7 % 3, 2)
same(7.5 // 2, 3.0)
same(2 ^ 53, 9007199254740992.0)
same(math.type(3 / 1), "float")
same(string.format("%.14g %d %x %a", 1 / 3, -5, 255, 1.0), "0.33333333333333 -5 ff 0x1p+0")
same(tonumber("0x1.8p3"), 12.0)
same(math.tointeger("8"), 8)
same(string.pack(">i8d", -2, 0.5), "\xff\xff\xff\xff\xff\xff\xff\xfe\x3f\xe0\0\0\0\0\0\0")
same(select(2, string.unpack("<I4 I4", "\1\2\3\4\4\3\2\1")), 0x01020304)

-- strings, tables, sorting, closures, varargs
same(("hello world"):gsub("o", { o = "0" }), "hell0 w0rld")
same(("k=v, a=b"):find("(%w+)=(%w+)", 5), 6)
local list = {}
for i = 1, 2000 do list[i] = (i * 7919) % 2003 end
table.sort(list, function(a, b) return a > b end)
for i = 2, #list do assert(list[i - 1] >= list[i]) end
same(select("#", table.unpack(list, 1, 200)), 200)
same(table.concat({ 1, 2.5, "x" }, "-"), "1-2.5-x")
local chunk = string.dump(function(a, b) return a * b end)
same(load(chunk, "dumped", "b")(6, 7), 42)

-- garbage: finalisers and weak tables, while memory is churned
local gone, weak = 0, setmetatable({}, { __mode = "k" })
for _ = 1, 5000 do weak[setmetatable({}, { __gc = function() gone = gone + 1 end })] = true end
collectgarbage()
collectgarbage()
same(next(weak), nil)
same(gone, 5000)
print("all right")
