local function counter(start) local n = start return function() n = n + 1 return n end end
local a, b = counter(0), counter(100)
local s = 0
for i = 1, 200000 do s = s + a() % 3 s = s + b() % 5 end
print(s)
