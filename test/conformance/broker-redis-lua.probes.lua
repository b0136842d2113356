return {tostring(cjson.null), type(cjson.null), _VERSION,redis.REDIS_VERSION,cjson._VERSION,cmsgpack._VERSION}
----
error("boom",0)
----
error({err="boom"})
----
error({err=5})
----
error()
----
error(nil)
----
error(true)
----
error(12)
----
return redis.call("get")
----
return redis.call("nosuch")
----
return redis.call("incr","a","b")
----
return redis.pcall("nosuch")
----
redis.call("set","s","x") return redis.call("incr","s")
----
return {pcall(redis.call,"incr","s")}
----
local ok,e=pcall(redis.call,"incr","s") local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return t
----
local e=redis.pcall("incr","s") local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return t
----
redis.call()
----
redis.call({})
----
redis.call("get",{})
----
redis.pcall("get",{})
----
return redis.pcall()
----
redis.call("get",nil)
----
redis.call("set","k",0.1) return redis.call("get","k")
----
redis.call("set","k",1e20) return redis.call("get","k")
----
redis.call("set","k",-0) return redis.call("get","k")
----
redis.call("set","k",1/0) return redis.call("get","k")
----
redis.call("set","k",0/0) return redis.call("get","k")
----
redis.call("set","k",123456789012345678) return redis.call("get","k")
----
local x = nil; return x.y
----
local function f() local x; x() end
f()
----
return string.rep()
----
return ("x"):rep({})
----
return {pcall(string.rep)}
----
return {pcall(("x").rep,"x",{})}
----
if x then
----
return 1 +
----
x = = 2
----
local s = "abc
----
local s = [[abc
----
local x = 5 5
----
for i=1 do end
----
f(
----
local function f() return f() + 1 end return f()
----
local function f() return pcall(f) end return f()
----
local function f() return 1 + f() end return {pcall(f)}
----
return {getfenv and 1 or 2}
----
local n=7990 local t={} for i=1,n do t[i]=i end return select('#',unpack(t))
----
local n=7995 local t={} for i=1,n do t[i]=i end return select('#',unpack(t))
----
local n=7999 local t={} for i=1,n do t[i]=i end return select('#',unpack(t))
----
local n=8001 local t={} for i=1,n do t[i]=i end return select('#',unpack(t))
----
return {math.random(),tostring(math.random()),tostring(math.random(10)), math.random(5,9), tostring(math.random())}
----
math.randomseed(7) return {tostring(math.random()),tostring(math.random()),tostring(math.random(10))}
----
return math.random(0)
----
return math.random(1,2,3)
----
table.sort({3,1,"x"})
----
return {pcall(table.sort,{5,3,4,1,2,6,7,8}, function(a,b) return true end)}
----
return {pcall(error,"x")}
----
local t=setmetatable({},{__index=function(t,k) error("no "..k) end}) return t.foo
----
local t=setmetatable({},{__index=function(t,k) error("no "..k,2) end}) 
return t.foo
----
return redis.log()
----
return redis.log("x")
----
return redis.log("x","y")
----
return redis.log(9,"y")
----
return redis.log(2,"y")
----
return redis.setresp(4)
----
return redis.setresp()
----
return redis.setresp(3)
----
return redis.sha1hex()
----
return redis.sha1hex(5)
----
return {redis.error_reply("x"), redis.status_reply("y")}
----
return redis.error_reply("My Err")
----
return redis.error_reply("-My Err")
----
return redis.error_reply("-")
----
return redis.error_reply("")
----
return redis.error_reply()
----
return redis.status_reply(1)
----
return {redis.replicate_commands(), redis.set_repl(1), redis.breakpoint(), redis.REDIS_VERSION, redis.REDIS_VERSION_NUM, redis.LOG_DEBUG, redis.LOG_WARNING, redis.REPL_ALL, redis.REPL_NONE,redis.REPL_AOF,redis.REPL_SLAVE,redis.REPL_REPLICA}
----
return redis.set_repl(9)
----
return redis.set_repl()
----
return redis.set_repl("x")
----
return redis.breakpoint()
----
return redis.debug("x")
----
return redis.acl_check_cmd("get","x")
----
return redis.acl_check_cmd("gt","x")
----
return redis.acl_check_cmd()
----
return redis.acl_check_cmd({})
----
return redis.acl_check_cmd("get")
----
return redis.acl_check_cmd("get",{})
----
return {redis.nosuch}
----
return {string.nosuch}
----
string.x=1
----
getmetatable("").__index=1
----
getmetatable(_G).__index=1
----
return tostring(getmetatable(_G))
----
return getmetatable("").__name
----
local a,b=loadstring("x x") return b
----
local a,b=loadstring("return ...","@foo") return a(5)
----
local a,b=loadstring("error(1)") a()
----
local a,b=loadstring("error([[q]])","=hey") a()
----
local a,b=loadstring("error([[q]])","@hey") a()
----
local a,b=loadstring("error([[q]])\n") return {pcall(a)}
----
local a,b=loadstring("\nerror([[q]])\n") return {pcall(a)}
----
local a,b=loadstring("x x", "=abc") return b
----
return {load(function() return nil end)==nil}
----
return {load("return 1")}
----
return "x" < 1
----
return {} < {}
----
return 1 < nil
----
return "a" .. {}
----
return {} .. "x"
----
return #5
----
return -{}
----
return ({})()
----
for i=1,"x" do end
----
for i="a",2 do end
----
for i=1,2,{} do end
----
for i=1,10,0 do return 5 end
----
for k in 5 do end
----
local t = {} t[nil]=1
----
local t = {} t[0/0]=1
----
return tostring()
----
return setmetatable(1,{})
----
return string.format("%d","x")
----
return string.format("%d",3.7)
----
return string.format("%y",3.7)
----
return string.format("%",3.7)
----
return string.format("%1000d",3.7)
----
return string.char(256)
----
return tonumber("z",99)
----
return goto x
----
return redis.call("eval","return 1",0)
----
return redis.call("subscribe","a")
----
return {redis.call("multi")}
----
return redis.call("exec")
----
return redis.call("blpop","nol",0)
----
return {tostring(math.random()),tostring(math.random())}
----
math.randomseed(0) return {tostring(math.random()),tostring(math.random())}
----
math.randomseed(-7.5) return {tostring(math.random()),tostring(math.random()),tostring(math.random(10))}
----
math.randomseed(1e12) return {tostring(math.random()),tostring(math.random()),tostring(math.random(10))}
----
return math.randomseed()
----
local function f() return 1,2,3 end return {(f())}
----
local function f() return 1,2,3 end return {f(), (f())}
----
local function f() return 1,2,3 end return {(f)()}
----
local function f(...) return select('#',...) end local function g() return 1,2 end return {f(g()), f((g())), f(1,(g())), f((1),g()), f(--[[(]] g())}
----
local function f() return (g) end return f()
----
local function f(...) return (...) end return {f(1,2)}
----
local a,b = (function() return 1,2 end)() return {a,b}
----
local a,b = ((function() return 1,2 end)()) return {a,tostring(b)}
----
if true then
local x = 1
----
while true do
 local y
 for i=1,2 do
  x()
 end
----
repeat
 local x = 1
----
f(1,
2
----
local t = {1,
2
----
local function f()
 return 1
----
end
----
x = }
----
local x = 
----
for i in do end
----
for i=1,2 x end
----
x.y:z = 1
----
1 = 2
----
local 1 = 2
----
return 3x
----
return 0x
----
return 1..2
----
return "a\qb"
----
return '\65\066\n\z'
----
local x = 'abc
def'
----
return [==[
a]]b]==]
----
--[[ unfinished
----
--[==[ x ]==] return 5
----
f
(1)
----
local a = f
(1)
----
break
----
while true do break end return 1
----
return ...
----
local function f() return ... end
----
a.b.c
----
a,b
----
a,b = 
----
local function end
----
function f( end
----
function f(a,) end
----
return function(a,b,...) return ... end
----
goto a
::a::
----
return 5 // 2
----
return 5 & 2
----
x = y z = 1
----
return {1,2;3;}
----
return #"abc" .. -2^2 .. tostring(not nil == true)
----
return 2^3^2
----
return -2^2
----
return {1 .. 2, 10 - 2 - 3, 2 .. 3 .. 4}
----
return {"a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c"}
----
return {1 == 1.0, "1" == 1, nil == false}
----
return {"10" + 5, "3" * "4", 10 .. "", "0x10" + 0, " 5 " + 1}
----
return "abc" + 1
----
local t = {} return t.x.y
----
local t = {} t.x.y = 1
----
local t = {a={}} return t.a.b.c
----
local t = {a={}} t.a.b.c()
----
local t = {} t:foo()
----
local t = {} t.a.b:foo()
----
string.foo()
----
foo()
----
local s = "x" return s.y.z
----
local s = "x" s.y = 1
----
return ("x"):bar()
----
local t = {} t[1]()
----
local t = {} return t[1][2]
----
local a = 5 return a.b
----
local a = 5 return a[1]
----
local a = {} return a + 1
----
local a = {} return 1 + a
----
local t = {x={}} return t.x * 2
----
local up = {} local function f() return up + 1 end return f()
----
local up local function f() return up.x end return f()
----
local up local function f() return up() end return f()
----
return KEYS + 1
----
return redis + 1
----
return nil .. "x"
----
local x return "a" .. x .. "b"
----
local x return 1 .. x
----
local t={} return "a" .. t.y
----
return 1 < "2"
----
return {} <= {}
----
return nil > 1
----
return true < false
----
local f = string.rep return f()
----
local t = {f=string.rep} return t.f()
----
local t = {f=string.rep} return t["f"]()
----
local t = {string.rep} return t[1]()
----
return ("x").rep()
----
local s = "x" return s:rep("y")
----
return math.floor("x")
----
return math.floor({})
----
return math.max()
----
return ipairs()
----
return setmetatable({})
----
return setmetatable({}, 1)
----
return tonumber()
----
return tonumber({})
----
return tonumber("10", 99)
----
return tonumber({}, 10)
----
return tonumber(nil)
----
return select(0)
----
return select(-5, 1)
----
return {select(-1, 1, 2, 3)}
----
return {select(2, "a", "b", "c")}
----
return select('x')
----
return unpack()
----
return {unpack({1,2,3}, 2)}
----
return {unpack({1,2,3}, 2, 3)}
----
return {unpack({1,2,3}, -1, 1)}
----
return {pcall(next, {}, "nokey")}
----
return next({}, "x")
----
return {type(next), type(nil), type({}), type("x"), type(2), type(true), type(cjson.null)}
----
return type()
----
return rawget({}, nil)
----
return rawset({}, nil, 1)
----
return rawset({}, 1)
----
return rawequal(1)
----
return {rawequal(1, 1), rawequal({}, {})}
----
return assert(false)
----
return assert(nil, "msg")
----
return assert(false, {1})
----
return assert()
----
return {assert(1, 2, 3)}
----
return collectgarbage("count") >= 0
----
return collectgarbage("xx")
----
return {xpcall(function() error("x") end, function(e) return "H:" .. e end)}
----
return {xpcall(function() return 1, 2 end, function(e) return e end)}
----
return {xpcall(function() local x = nil + 1 end, function(e) error("again") end)}
----
return xpcall()
----
return {pcall()}
----
return pcall(error)
----
return {pcall(error, nil)}
----
return {pcall(error, {err="E x"})}
----
return {pcall(error, {ok="x"})}
----
return {pcall(error, {code=1})}
----
local ok, e, x = pcall(error, {code=5}) return {type(e), e.code, tostring(x)}
----
local ok, e = xpcall(function() redis.call() end, function(e) local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return table.concat(t,",") end) return e
----
local ok, e = xpcall(function() redis.call("incr","s") end, function(e) local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return table.concat(t,",") end) return e
----
local e = redis.pcall() local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return table.concat(t,",")
----
local e = redis.pcall("nosuch") local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return table.concat(t,",")
----
local e = redis.error_reply("x y") local t={} for k,v in pairs(e) do t[#t+1]=k.."="..tostring(v) end table.sort(t) return table.concat(t,",")
----
error("lvl2", 2)
----
local function f() error("lvl2", 2) end
f()
----
local function f() error("lvl3", 3) end
local function g()
 f() end
local function h()

 g()
end
h()
----
local function f() error("tail", 2) end
local function g() return f() end
g()
----
local function f() return error("x") end
f()
----
return {pcall(function() error("in", 2) end)}
----
local function f() error({err="T"}) end
f()
----
local function f() error("x", 0) end
f()
----
local t = setmetatable({}, {__add=function(a,b) return "add" end, __concat=function(a,b) return "cat" end, __call=function(self, x) return x end, __unm=function() return "neg" end, __len=function() return 42 end, __eq=function() return true end, __lt=function() return true end, __le=function() return false end, __tostring=function() return "TS" end, __index=function(t,k) return k end})
return {t+1, 1+t, t.."x", "x"..t, t(7), -t, #t, t<t, t<=t, t>t, tostring(t), t.foo, t[1]}
----
local mt = {__eq=function() return true end} local a,b = setmetatable({},mt), setmetatable({},mt) return {tostring(a==b), tostring(a~=b), tostring(a==setmetatable({},{__eq=mt.__eq})), tostring(a==setmetatable({},{__eq=function() return true end}))}
----
local mt = {__lt=function() return true end} local a,b = setmetatable({},mt), setmetatable({},mt) return {tostring(a<b), tostring(a<=b), tostring(a>b), tostring(a>=b)}
----
return getmetatable(setmetatable({}, {__metatable="locked"}))
----
return setmetatable(setmetatable({}, {__metatable="locked"}), {})
----
local log = {} local t = setmetatable({}, {__newindex=function(t,k,v) rawset(t, k, v*2) end}) t.x = 5 return t.x
----
local store = {} local t = setmetatable({}, {__newindex=store, __index=store}) t.a = 1 return {t.a, tostring(rawget(t,"a"))}
----
local t = setmetatable({}, {__index=function() error("deep") end}) return t.x
----
local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x
----
local t = setmetatable({}, {__tostring=function() return {} end}) return tostring(t)
----
local fns = {} for i=1,3 do fns[i] = function() i = i + 10 return i end end return {fns[1](), fns[1](), fns[2](), fns[3]()}
----
local fns = {} local i = 1 while i <= 3 do local j = i fns[i] = function() return j end i = i + 1 end return {fns[1](), fns[2](), fns[3]()}
----
local i = 1 repeat local j = i i = i + 1 until j >= 5 return i
----
local s = 0 for i = 10, 1, -3 do s = s * 100 + i end return s
----
local s = "" for i = 1, 2, 0.25 do s = s .. i .. "," end return s
----
local s = "" for i = "1", "3" do s = s .. i .. type(i) end return s
----
for i = 1, 3 do local i = i * 2 if i == 4 then return i end end
----
local t = {} for k, v in pairs({10, 20, 30, x = 1}) do t[#t+1] = tostring(k) .. "=" .. tostring(v) end return t
----
local t = {1,2,3,nil,5} return {#t, select('#', unpack(t))}
----
local t = {1,2,3} t[5] = 5 return #t
----
local t = {1,2,3} t[#t+1] = 4 t[#t] = nil t[#t] = nil return #t
----
local t = {n=1, [1]="a", [2]="b"} return {#t, t.n}
----
local t = {nil, nil, 3} return #t
----
local t = {f=1, 2, 3, [10]=4} local c = 0 for _ in pairs(t) do c = c + 1 end return c
----
return {[1]=2, 1}
----
return {1, [1]=2}
----
local a = {} a[1.5] = 1 a["1"] = 2 a[1] = 3 return {a[1.5], a["1"], a[1]}
----
local a = {} a[-0] = 1 return a[0]
----
return {5 % 3, -5 % 3, 5 % -3, -5 % -3, tostring(5.5 % 2), tostring(-0.5 % 1), tostring(5 % 0), tostring(5 % math.huge), tostring(-5 % math.huge)}
----
return {tostring(7 / 2), tostring(1e308 * 10), tostring(-1e308 * 10), tostring(2^0.5), tostring(10 / 3), tostring(100), tostring(0.1), tostring(1e100), tostring(123456789.123)}
----
return {tostring(1e14), tostring(1e15), tostring(1e16), tostring(123456789012), tostring(0.1 + 0.2), tostring(1/3), tostring(-1.5e-10), tostring(5e-324), tostring(1.7976931348623157e308)}
----
return {tostring(1234567890123.25), tostring(1234567890123.75), tostring(0.00001), tostring(0.0001), tostring(123456789012345680)}
----
return {string.byte("abc"), string.byte("abc", 2), string.byte("abc", -1), string.byte("", 1)}
----
return {string.byte("abc", 1, -1)}
----
return {string.byte("abc", 0)}
----
return {string.byte("abc", 10)}
----
return {string.sub("hello", 2, 3), string.sub("hello", -3), string.sub("hello", 0), string.sub("hello", 2, -2), string.sub("hello", 4, 2), string.sub("hello", -100, 100)}
----
return string.sub("x")
----
return {string.rep("ab", 3), string.rep("x", 0), string.rep("x", -1)}
----
return {string.upper("aBc\225"), string.lower("AbC\200"), string.len("a\0b"), string.reverse("abc")}
----
return {string.find("hello world", "wor"), string.find("hello", "l+")}
----
return {string.find("hello", "(l)(l)")}
----
return {string.find("a.b", ".", 1, true), string.find("a.b", "%.")}
----
return {string.find("abc", "", 10)}
----
return {string.find("abc", "", 4)}
----
return {string.find("abc", "b", -1), string.find("abc", "b", -2)}
----
return {string.find("", "")}
----
return {string.find("abc", "")}
----
return {string.match("key=value", "(%w+)=(%w+)")}
----
return {string.match("hello", "()ll()")}
----
return {string.match("  trim  ", "^%s*(.-)%s*$")}
----
return {string.match("2024-01-15", "(%d+)-(%d+)-(%d+)")}
----
return {string.match("abc", "x"), 1}
----
return {string.match("f(a(b)c)d", "%b()")}
----
return {string.find("THE (quick) fox", "%f[%a]%a+%f[%A]", 5)}
----
return {string.gsub("hello world", "o", "0")}
----
return {string.gsub("hello world", "(%w+)", "<%1>")}
----
return {string.gsub("hello world", "%w+", "%0 %0", 1)}
----
return {string.gsub("abc", "", "-")}
----
return {string.gsub("abc", "b*", "-")}
----
return {string.gsub("abc", "%w", {a="1", b=true, c=false})}
----
return {string.gsub("abc", "%w", function(c) if c == "b" then return "B" end end)}
----
return {string.gsub("abc", "%w", function(c) return 5 end)}
----
return {string.gsub("abc", "%w", function(c) return {} end)}
----
return {string.gsub("abc", "%w", {a={}})}
----
return {string.gsub("abc", "%w", true)}
----
return {string.gsub("abc", "%w")}
----
return {string.gsub("abc", "(", "x")}
----
return {string.gsub("abc", ")", "x")}
----
return {string.gsub("abc", "[a", "x")}
----
return {string.gsub("abc", "%", "x")}
----
return {string.gsub("abc", "a", "%2")}
----
return {string.gsub("abc", "a", "%")}
----
return {string.gsub("abc", "a", "%x")}
----
return {string.gsub("abc", "%f", "x")}
----
return {string.gsub("abc", "%b", "x")}
----
return {string.gsub("abc", "%1", "x")}
----
return {string.gsub("abcabc", "(a)(b)(c)", "%3%2%1")}
----
return {string.gsub("hello", "l", "L", 0)}
----
return {string.gsub("hello", "^h", "H"), string.gsub("hhh", "^h", "x")}
----
return {string.gsub("a b c", "%s", "%%")}
----
return {("x"):gsub(".", {x=1})}
----
return {string.gsub("abc def", "%a+", string.upper)}
----
return {string.find("a[b", "[[]"), string.find("a]b", "[]]"), string.find("a-b", "[a%-]", 2), string.find("a^b", "[%^]"), string.find("a^b", "[x^]")}
----
return {string.find("abc123", "[^%a]"), string.find("abc123", "[0-9]+"), string.find("x-y", "[a-]", 1)}
----
return {string.match("aaa", "a-"), string.match("aaab", "a-b"), string.match("aaa", "a?a?a?a?"), string.match("", "a*")}
----
return {string.match("\0a\0", "%z(.)%z")}
----
return {string.match("abc$", "c$"), string.match("abc$", "c%$$"), string.match("a$b", "a$b")}
----
local t = {} for w in string.gmatch("one two three", "%a+") do t[#t+1] = w end return t
----
local t = {} for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do t[#t+1] = k .. v end return t
----
local t = {} for p in string.gmatch("abc", "()") do t[#t+1] = p end return t
----
local t = {} for w in string.gmatch("abc", "^a") do t[#t+1] = w end return t
----
return string.gfind("a", "b")
----
return {string.format("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42)}
----
return {string.format("%x %X %o %#x %#o", 255, 255, 8, 255, 8)}
----
return {string.format("%e %E %.3e", 12345.678, 0.00012, 0)}
----
return {string.format("%f %.2f %.0f %5.1f %-8.2f| %+.1f", 3.14159, 2.5, 2.5, 3.14159, 1.005, 7)}
----
return {string.format("%g %g %g %g %.3g %#g %G", 100000, 1000000, 0.0001, 0.00001, 1234.5, 1, 1e-10)}
----
return {string.format("%c%c%c", 72, 105, 0)}
----
return {string.format("%s %s", "a", 1), string.format("%10s|%-10s|%.2s", "abc", "abc", "abc")}
----
return string.format("%s", nil)
----
return string.format("%s")
----
return string.format("%s", {})
----
return string.format("%d")
----
return {string.format("%q", 'a "quoted" \\ \n \r \0 end')}
----
return {string.format("%s", "a\0b"), string.format("%s", string.rep("x", 98) .. "\0\0y")}
----
return {string.format("%%"), string.format("%5%")}
----
return {string.format("%i %u", -3, -3)}
----
return {string.format("%d %d %d", 3.99, -3.99, "12")}
----
return {string.format("%d", 1e20), string.format("%x", -1), string.format("%d", 2^53)}
----
return {string.format("%.14g", 0.1), string.format("%.17g", 0.1), string.format("%.20f", 0.1), string.format("%.0f", 0.5), string.format("%.0f", 1.5)}
----
return {string.format("%f %e %g", 1/0, -1/0, 1/0)}
----
return {string.format("%5.2f|%05.1f|%-7d|%+5d|% 5d", 1.255, -2.25, 5, 5, 5)}
----
return {string.format("%.3d|%8.3d|%-8.3d|", 5, 5, 5)}
----
return {string.format("%10.3s|", "abcdef")}
----
return {string.format("%123d", 5)}
----
return {string.format("%.123d", 5)}
----
return {string.format("%h", 5)}
----
return {string.format("%-+ #0d", 5)}
----
return {string.format("%-+ #00d", 5)}
----
return {string.format("%05s|%-05d|", "a", 3)}
----
return {string.format("%a", 1)}
----
return {tostring(string.format), 1}
----
return {table.concat({1, 2, 3}), table.concat({"a", "b"}, ", "), table.concat({1, 2, 3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 3), table.concat({}, "x"), table.concat({1,2,3}, "x", 3, 2)}
----
return table.concat({1, {}, 3})
----
return table.concat({1, 2, 3}, ",", 1, 5)
----
return table.concat()
----
local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, "x") return t
----
local t = {} table.insert(t, 5, "x") return {#t, t[5]}
----
local t = {1,2,3} table.insert(t, 10, "x") return {#t, t[10]}
----
table.insert({}, 1, 2, 3)
----
table.insert({})
----
table.insert(nil, 1)
----
table.insert({}, "a", 1)
----
local t = {1, 2, 3} return {table.remove(t), table.remove(t, 1), #t, t[1]}
----
local t = {} return {table.remove(t), 1}
----
local t = {1,2,3} return {table.remove(t, 5), #t}
----
local t = {1,2,3} return {table.remove(t, 2), t[1], t[2], t[3]}
----
local t = {5, 2, 8, 1, 9, 3} table.sort(t) return t
----
local t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) return a > b end) return t
----
local t = {"b", "a", "C", "10", "9"} table.sort(t) return t
----
local t = {} for i = 1, 50 do t[i] = {k = (i * 7) % 10, i = i} end table.sort(t, function(a, b) return a.k < b.k end) local r = {} for i = 1, 50 do r[i] = t[i].i end return r
----
table.sort({1, 2, nil, 4})
----
table.sort({1, {}, 3})
----
table.sort({3, 2, 1}, 5)
----
local calls = 0 local t = {} for i = 1, 30 do t[i] = (i * 17) % 31 end table.sort(t, function(a, b) calls = calls + 1 return a < b end) return {calls, unpack(t)}
----
local t = {3,1,2,5,4,7,6,9,8,10,12,11} return {pcall(table.sort, t, function(a,b) return a <= b end)}
----
local t={} for i=1,100 do t[i]=1 end return {pcall(table.sort, t, function(a,b) return true end)}
----
return {pcall(table.sort, {1,2,3}, function(a,b) error("cmp") end)}
----
table.sort({3,1,2}, function(a,b) return a.x < b end)
----
return {table.getn({1,2,3}), table.maxn({1,2,nil,4}), table.maxn({[10.5]=1}), table.maxn({})}
----
table.setn({}, 1)
----
local s = 0 table.foreach({1,2,3}, function(k, v) s = s + v end) return s
----
return table.foreachi({5,6,7}, function(i, v) if v == 6 then return i end end)
----
return {tostring(math.pi), tostring(math.huge), math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.abs(-5), math.max(1, 5, 3), math.min(4, 2, 8)}
----
return {tostring(math.sqrt(2)), tostring(math.exp(1)), tostring(math.log(10)), tostring(math.log10(1000)), tostring(math.sin(1)), tostring(math.cos(1)), tostring(math.tan(1)), tostring(math.atan2(1, 2)), tostring(math.deg(1)), tostring(math.rad(90))}
----
return {tostring(math.fmod(7, 3)), tostring(math.fmod(-7, 3)), tostring(math.mod(7, -3)), tostring(math.pow(2, 10)), tostring(math.ldexp(1, 10))}
----
local a, b = math.modf(3.7) local c, d = math.modf(-3.7) local e, f = math.modf(5) local g, h = math.modf(1/0) return {tostring(a), tostring(b), tostring(c), tostring(d), tostring(e), tostring(f), tostring(g), tostring(h)}
----
local m, e = math.frexp(10) local n, f = math.frexp(0) local o, g = math.frexp(-0.3) return {tostring(m), e, tostring(n), f, tostring(o), g}
----
return {tostring(math.sinh(1)), tostring(math.cosh(1)), tostring(math.tanh(1)), tostring(math.asin(1)), tostring(math.acos(0)), tostring(math.atan(1))}
----
return {math.random(5) <= 5, math.random(3, 3)}
----
return math.random(5, 1)
----
return math.random("x")
----
return {math.floor("3.7"), math.max("10", 9)}
----
return {bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(5, 3), bit.bnot(0), bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-16, 2), bit.rol(0x12345678, 8), bit.ror(0x12345678, 8), bit.bswap(0x12345678), bit.tobit(2^32 + 5), bit.tobit(-1)}
----
return {bit.tohex(255), bit.tohex(255, 4), bit.tohex(255, -4), bit.tohex(-1), bit.tohex(1, 0), bit.tohex(1, 20)}
----
return {bit.tobit(1.5), bit.tobit(2.5), bit.tobit(-1.5), bit.lshift(1, 32), bit.lshift(1, 33), bit.tobit(1e15), bit.tobit(2^31)}
----
return bit.band()
----
return bit.band("x")
----
return {cjson.encode({}), cjson.encode({1, 2, 3}), cjson.encode({a = 1}), cjson.encode("x"), cjson.encode(1), cjson.encode(true), cjson.encode(nil), cjson.encode(cjson.null)}
----
return cjson.encode({1.5, 1e15, 12345678901234567, 0.1, -0, 1e100})
----
return cjson.encode("a\"b\\c/d\n\r\t\b\f\0\31\127\200")
----
return cjson.encode({[1] = 1, [2] = 2, [4] = 4})
----
return cjson.encode({[1] = 1, [100] = 2})
----
return cjson.encode({[1.5] = 1})
----
return cjson.encode({[0] = 1})
----
return cjson.encode({[-1] = 1})
----
return cjson.encode({[true] = 1})
----
return cjson.encode(1/0)
----
return cjson.encode(0/0)
----
return cjson.encode(function() end)
----
return cjson.encode({f = print})
----
return cjson.encode()
----
return cjson.encode(1, 2)
----
local t = {} for i = 1, 1000 do t = {t} end return #cjson.encode(t)
----
local t = {} for i = 1, 1001 do t = {t} end return #cjson.encode(t)
----
local t = cjson.decode('{"a":1,"b":[1,2,{"c":null}],"d":"x","e":true,"f":false,"g":1.5e3}') return {t.a, #t.b, tostring(t.b[3].c), t.d, tostring(t.e), tostring(t.f), t.g}
----
return {cjson.decode('"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\n\\/\\\\\\""')}
----
return {tostring(cjson.decode("null") == cjson.null), cjson.decode("12"), cjson.decode(" [ ] ")}
----
return cjson.decode("")
----
return cjson.decode("{")
----
return cjson.decode("[1,")
----
return cjson.decode("[1 2]")
----
return cjson.decode('{"a" 1}')
----
return cjson.decode('{a:1}')
----
return cjson.decode('{"a":1,}')
----
return cjson.decode('{"a":1 "b":2}')
----
return cjson.decode('[1] x')
----
return cjson.decode('[1] ]')
----
return cjson.decode('"abc')
----
return cjson.decode('"a\\x"')
----
return cjson.decode('"\\u12"')
----
return cjson.decode('"\\ud800"')
----
return cjson.decode('"\\udc00"')
----
return cjson.decode('tru')
----
return cjson.decode('@')
----
return cjson.decode('-')
----
return cjson.decode('-x')
----
return cjson.decode('+1')
----
return {cjson.decode('01'), cjson.decode('1.'), cjson.decode('[1.5,2]')[1]}
----
return cjson.decode('.5')
----
return cjson.decode(nil)
----
return cjson.decode({})
----
return cjson.decode(5)
----
return cjson.decode('a\0b')
----
return cjson.decode('"a\nb\1"')
----
return cjson.decode(string.rep("[", 1001) .. string.rep("]", 1001))
----
return #cjson.decode(string.rep("[", 1000) .. string.rep("]", 1000))
----
return cjson.encode(cjson.decode('[]')) .. cjson.encode(cjson.decode('[{}]')) .. cjson.encode(cjson.decode('{"a":{"b":[1,null,3]}}'))
----
return cjson.encode(cjson.decode('[12345678901234567, 1.0, 100000000000000, 1e3]'))
----
return {pcall(cjson.encode_sparse_array, true, 1, 2)}
----
cjson.encode_sparse_array(true) local r = cjson.encode({[1000] = 1}) cjson.encode_sparse_array(false, 2, 10) return r
----
return {cjson.encode_max_depth(), cjson.decode_max_depth(), cjson.encode_number_precision(), tostring(cjson.encode_keep_buffer()), tostring(cjson.encode_invalid_numbers()), tostring(cjson.decode_invalid_numbers())}
----
return cjson.encode_max_depth(0)
----
local zero = 0
cjson.encode_number_precision(5)
local text = cjson.encode({-zero, 1.5, -2.25, 123456.5, -1e-7})
cjson.encode_number_precision(14)
return text
----
return cjson.encode_number_precision(20)
----
return cjson.encode_invalid_numbers("x")
----
return cjson.encode_max_depth(1, 2)
----
return cmsgpack.pack(1, -1, 127, 128, 255, 256, 65535, 65536, 2^32, -32, -33, -128, -129, -32768, -32769, -2^31, -2^31 - 1, 2^53)
----
return cmsgpack.pack(1.5, 0.1, -0.5, 1/0, true, false, nil)
----
return cmsgpack.pack("", "abc", string.rep("x", 31), string.rep("x", 32), string.rep("x", 256))
----
return cmsgpack.pack({}, {1, 2, 3}, {1, 2, {3, {4}}})
----
return cmsgpack.pack({a = 1}, {[1.5] = 2})
----
return cmsgpack.pack({1, nil, 3})
----
return cmsgpack.pack()
----
local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)
----
return {cmsgpack.unpack(cmsgpack.pack(1, "x", {1, 2}, true, 1.5, -5))}
----
local t = cmsgpack.unpack(cmsgpack.pack({a = {b = {1, 2, 3}}, c = "x"})) return {t.a.b[3], t.c}
----
return {cmsgpack.unpack("")}
----
return cmsgpack.unpack()
----
return cmsgpack.unpack("\193")
----
return cmsgpack.unpack("\220\0")
----
return cmsgpack.unpack("\162a")
----
return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3))}
----
return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 1)}
----
return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)}
----
return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 5, 1)}
----
return {cmsgpack.unpack_one("\1", 5)}
----
return {cmsgpack.unpack_one("\1", -1)}
----
return cmsgpack.pack(function() end, cjson.null)
----
return struct.pack(">I2", 258) .. struct.pack("<I2", 258) .. struct.pack("bBhHlL", -1, 255, -2, 65535, -3, 3)
----
return struct.pack("fds", 1.5, 2.5, "abc") .. struct.pack("c5", "hello world") .. struct.pack("xi4", 7)
----
return {struct.unpack(">I2", "\1\2")}
----
return {struct.unpack("<hbs", "\1\2\255abc\0rest")}
----
return {struct.unpack("bc0", "\3abcdef")}
----
return {struct.unpack("fd", struct.pack("fd", 1.5, -2.25))}
----
return {struct.unpack(">i3", "\255\255\254"), struct.unpack("I3", "\1\2\3")}
----
return {struct.size("bhild"), struct.size("!4bi"), struct.size("!8bd"), struct.size("c10"), struct.size(">!2 b h")}
----
return struct.size("s")
----
return struct.size("c0")
----
return struct.pack("z", 1)
----
return struct.pack("i33", 1)
----
return struct.pack("!3i", 1)
----
return struct.pack("i")
----
return struct.pack("c5", "abc")
----
return struct.unpack("i4", "abc")
----
return struct.unpack("c0", "abc")
----
return struct.unpack("s", "abc")
----
return struct.unpack("b", "abc", 5)
----
return struct.unpack("b", "abc", 0)
----
return struct.pack("!4bi", 1, 2)
----
return {struct.unpack("!4bi", struct.pack("!4bi", 1, 2))}
----
return struct.pack("I8", 2^63)
----
return struct.pack()
----
return {1, 2, nil, 4}
----
return {true, false, 1}
----
return 3.99
----
return -3.99
----
return "x", "y"
----
return
----
return nil
----
return {ok = "fine"}
----
return {err = "BAD thing"}
----
return {err = "-BAD thing"}
----
return {err = "BAD\r\nthing"}
----
return {ok = "a\nb"}
----
return {ok = 5}
----
return {err = 5}
----
return {err = {}}
----
return {double = 1.5}
----
return {double = "x"}
----
return {map = {a = 1}}
----
return {set = {a = true}}
----
return {big_number = "12345"}
----
return {verbatim_string = {string = "x", format = "txt"}}
----
return {{1, {2, {3}}}, {}}
----
return {a = 1}
----
return {[2] = 1}
----
return function() end
----
return cjson.null
----
return {function() end, 1}
----
return 2^53
----
return 2^60 + 2^8
----
return 1e30
----
return 0/0
----
return {redis.call("ping")}
----
return redis.call("ping").ok
----
return redis.call("get", "missing")
----
return type(redis.call("get", "missing"))
----
redis.call("set", "k", "v") return redis.call("get", "k")
----
return redis.call("set", "k", 5)
----
return type(redis.call("set", "k", 5))
----
redis.setresp(3) return type(redis.call("get", "missing"))
----
redis.setresp(3) return true
----
redis.setresp(3) return false
----
redis.setresp(3) return {1, nil, 3}
----
redis.setresp(3) return {double = 3.5}
----
redis.setresp(3) return {map = {x = 1}}
----
return redis.call("GeT", "k")
----
return redis.call("set", "k", true)
----
return redis.call(nil)
----
return redis.call(1)
----
return redis.call("echo", 1.5)
----
return redis.call("echo", 100)
----
return redis.call("echo", 1e15)
----
return redis.call("echo", 1e17)
----
return redis.call("echo", 123456789.123)
----
return redis.call("echo", -1e-7)
----
return redis.call("echo", 2^53)
----
return redis.call("echo", 3.0)
----
return redis.call("echo", 1/3)
----
return redis.sha1hex("")
----
return redis.sha1hex("abc\0\255")
----
return redis.sha1hex(nil)
----
return redis.sha1hex({})
----
return redis.sha1hex(1.5)
----
return redis.error_reply(5)
----
return redis.error_reply("ERR x\r\n")
----
return redis.error_reply("x", "y")
----
return redis.error_reply(" lead")
----
return redis.error_reply("-a b c")
----
return redis.error_reply({})
----
return redis.status_reply("")
----
return redis.status_reply("a\r\nb")
----
return redis.status_reply()
----
return redis.log(redis.LOG_WARNING, "x", 1, nil, {})
----
return redis.log("3", "x")
----
return redis.log(-1, "x")
----
return redis.log(1.7, "x")
----
return redis.log({}, "x")
----
return redis.setresp("3")
----
return redis.setresp(2, 3)
----
return redis.setresp({})
----
return redis.set_repl(redis.REPL_ALL)
----
return redis.set_repl(4)
----
return redis.set_repl(-1)
----
return redis.replicate_commands(1, 2)
----
return {tostring(redis.breakpoint()), 1}
----
redis.debug("a", 1, {}) return 1
----
return redis.REDIS_VERSION_NUM
----
return #KEYS + #ARGV
----
return KEYS[1]
----
KEYS[1] = "x" return KEYS[1]
----
KEYS = {} return 1
----
return _G.KEYS == KEYS
----
return _G._G == _G
----
return _G.nosuch
----
_G.x = 1
----
return rawget(_G, "nosuch")
----
return rawget(_G, "nosuch") == nil
----
rawset(redis, "x", 1)
----
table.insert(_G, 1)
----
table.insert(redis, 1)
----
table.sort(redis)
----
setmetatable(redis, {})
----
getmetatable("").__index = nil
----
redis.call = nil
----
function redis.foo() end
----
function foo() end
----
string.foo = "x"
----
for k in pairs(math) do math[k] = nil end
----
local _ENV = {} x = 1
----
return {next({})}
----
return {next({5})}
----
local t = {1,2,3} for k in pairs(t) do t[k] = nil end return {#t, tostring(next(t))}
----
local t = {a=1,b=2} for k in pairs(t) do t[k] = k end return t.a .. t.b
----
local t = {a=1,b=2,c=3} for k in next, t do t[k] = nil end return tostring(next(t))
----
local t = {} for i, v in ipairs({1,2,nil,4}) do t[#t+1] = v end return #t
----
for i, v in ipairs() do end
----
for k, v in pairs() do end
----
for k, v in nil do end
----
for k, v in {} do end
----
local function it(s, c) if c < 3 then return c + 1 end end local r = {} for i in it, nil, 0 do r[#r+1] = i end return r
----
local t = setmetatable({}, {__call = function(self, s, c) if c < 2 then return c + 1, "v" end end}) local r = {} for i, v in t, nil, 0 do r[#r+1] = i .. v end return r
----
local function f(a, b, ...) return select('#', ...), a, b, ... end return {f(1), f(1, 2, 3, 4)}
----
local function f(...) local a, b, c = ... return {a, b, tostring(c)} end return f(1, 2)
----
local function f(...) return ... end return {f(1, 2), f(3, 4)}
----
local function f(...) local t = {...} return #t end return f(nil, nil, 3)
----
local function f(...) return arg.n end return f(1, 2, 3)
----
local function f(...) local x = ... return arg end return f(1)
----
return (select('#', nil, nil))
----
local t = {f = function(self, x) return self.v + x end, v = 10} return t:f(5)
----
local s = "abc" return s:upper():lower():len()
----
return ("%d"):format(5)
----
return #"abc" + 1
----
local a <const> = 5
----
local t = {["a b"] = 1, ['c'] = 2, [3] = 3} return {t["a b"], t.c, t[3]}
----
local a, b, c = (function() return 1, 2 end)() return {a, b, tostring(c)}
----
local a, b = 1 return {a, tostring(b)}
----
local a, b = 1, 2, 3 return {a, b}
----
local a = {} a.x, a.y = 1, 2 return {a.x, a.y}
----
local i, t = 1, {} i, t[i] = i + 1, 20 return {i, t[1], tostring(t[2])}
----
local a, b = 1, 2 a, b = b, a return {a, b}
----
local a, b, c = 0 a, b, c = (function() return 1, 2, 3 end)() return {a, b, c}
----
local x = 1 do local x = 2 end return x
----
local x = 1 local x = x + 1 return x
----
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end return tostring(fact(20))
----
local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return fib(20)
----
local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(3000)
----
return (function(...) return select('#', ...) end)(unpack({}, 1, 100))
----
local t = {} t.x = t return tostring(t.x.x.x == t)
----
return tostring(1e15) .. tostring(-1e15) .. 1e14 .. 2^31 .. -2^63
----
return {tostring(3) == "3", tostring(3.5), tostring(-0.0), 1e3 .. ""}
----
return {10 == "10", "10" == "10", 0 == -0}
----
return not nil and 1 or 2
----
return {nil or false, false or nil, 1 and 2, nil and 1, false == nil}
----
return {tostring(nil and 1), tostring(false or nil), tostring(nil or false)}
----
return 1 and nil or "x"
----
local x = 0 if x then return "truthy" end return "falsy"
----
if "" then return 1 end
----
local t = {} t[1], t[2], t[3] = "a", "b" return {#t, tostring(t[3])}
----
local a = "x" .. 1 .. 2.5 .. "y" return a
----
return "a" .. "b" == "ab"
----
return 2 * 3 + 4 % 3 - 10 / 4
----
return tostring(2 ^ -1) .. tostring(-2 ^ 2) .. tostring((-2) ^ 0.5)
----
return 0xff + 0XA
----
return 1e2 + .5 + 3.
----
return 'single' .. "double" .. [[long]] .. [==[lo]]ng]==]
----
return "\a\b\f\v\\\"\'" .. "\10" .. "\0651"
----
return "line1\
line2"
----
return [[
first newline skipped]]
----
return #[[

two]]
----
-- comment
return 1 -- trailing
----
--[[ block
comment ]] return 2
----
--[==[ x ]] ]==] return 3
----
#!lua
return 5
----
#!lua flags=no-writes
return 5
----
#!lua flags=bad
return 5
----
#!python
return 5
----
#!lua name=x
return 5
----
#!lua flags=no-writes,allow-stale
error("x")
----
#!lua
----
;return 1
----
return 1;
----
local x = 1; local y = 2; return x + y
----
do return 5 end return 6
----
return loadstring("return 1 + 1")()
----
return loadstring("local a, b = ... return a + b")(3, 4)
----
return loadstring("return KEYS")() == KEYS
----
return loadstring("x = 1")()
----
return loadstring("return nosuch")()
----
return {pcall(loadstring("error('x')", "=(custom)"))}
----
return {loadstring("return", 5)}
----
return loadstring(5)
----
return loadstring()
----
return loadstring("\27Lua")
----
local i = 0 local f = load(function() i = i + 1 return ({"return ", "4", "2"})[i] end) return f()
----
return {pcall(load, function() error("reader") end)}
----
local f, e = load(function() return nil end, "=n") return type(f)
----
return dofile
----
return newproxy
----
return require
----
return module
----
return io
----
return os
----
return debug
----
return package
----
return setfenv
----
return getfenv
----
return table.unpack
----
return {unpack, 1} == nil
----
return math.tointeger
----
return string.pack
----
return utf8
----
return bit32
----
return gcinfo() >= 0
----
return tostring(collectgarbage())
----
return type(tostring({})) .. tostring({}):sub(1, 9) .. tostring(print == nil)
----
return tostring(function() end):sub(1, 11)
----
return tostring(string.rep):sub(1, 11)
