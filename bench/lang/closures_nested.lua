local function compose(f, g) return function(x) return f(g(x)) end end
local function adder(n) return function(x) return x + n end end
local inc, dbl = adder(1), function(x) return x * 2 end
local both = compose(dbl, inc) local four = compose(both, both)
local s = 0
for i = 0, 59999 do s = s + four(i) % 17 end
local memo, hits = {}, 0
local function cached(n) local k = "" .. n if memo[k] ~= nil then hits = hits + 1 return memo[k] else local v = n * n memo[k] = v return v end end
for i = 0, 59999 do s = s + cached(i % 300) % 7 end
print(s + hits)
