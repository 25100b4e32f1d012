local function map(l, f) local o = {} for i = 1, #l do o[i] = f(l[i]) end return o end
local function filter(l, f) local o = {} for i = 1, #l do if f(l[i]) then o[#o + 1] = l[i] end end return o end
local function reduce(l, f, a) for i = 1, #l do a = f(a, l[i]) end return a end
local function some(l, f) for i = 1, #l do if f(l[i]) then return true end end return false end
local function all(l, f) for i = 1, #l do if not f(l[i]) then return false end end return true end
local list = {}
for i = 0, 999 do list[#list + 1] = i end
local s = 0
for k = 0, 1499 do
  s = s + reduce(filter(map(list, function(x) return x * 2 + k end), function(x) return x % 3 == 0 end), function(a, b) return a + b end, 0)
  if some(list, function(x) return x == 999 end) then s = s + 1 end
  if all(list, function(x) return x >= 0 end) then s = s + 1 end
end
print(s)
