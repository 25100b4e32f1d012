local function map(l, f) local o = {} for i = 1, #l do o[i] = f(l[i]) end return o end
local function filter(l, f) local o = {} for i = 1, #l do if f(l[i]) then o[#o + 1] = l[i] end end return o end
local function double(x) return x * 2 end
local function even(x) return x % 4 == 0 end
local list = {}
for i = 0, 1999 do list[#list + 1] = i end
local s = 0
for k = 1, 1000 do s = s + #filter(map(list, double), even) s = s + #map(list, double) end
print(s)
