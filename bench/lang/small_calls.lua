local function zero() return 0 end
local function one(a) return a end
local function three(a, b, c) return a + b - c end
local function nothing(a) end
local LIMIT = 300000
local s = 0
for i = 0, LIMIT - 1 do s = s + zero() + one(i) + three(i, 1, i) nothing(i) end
print(s)
