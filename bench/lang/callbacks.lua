local function map(a, f) local r = {} for i = 1, #a do r[i] = f(a[i]) end return r end
local function filter(a, f) local r = {} for i = 1, #a do if f(a[i]) then r[#r + 1] = a[i] end end return r end
local function reduce(a, f, acc) for i = 1, #a do acc = f(acc, a[i]) end return acc end
local function some(a, f) for i = 1, #a do if f(a[i]) then return true end end return false end
local a = {}
for i = 0, 1999 do a[#a + 1] = i end
local sum = 0
for _ = 1, 400 do
  sum = sum + reduce(filter(map(a, function(x) return x * 2 end), function(x) return x % 3 == 0 end), function(acc, x) return acc + x end, 0)
  if some(a, function(x) return x == 1999 end) then sum = sum + 1 end
end
print(sum)
