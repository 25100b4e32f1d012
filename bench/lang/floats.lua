local sum, n = 0.0, 3000000
for i = 0, n - 1 do
  local x = (i + 0.5) / n
  sum = sum + 4.0 / (1.0 + x * x)
end
local v = 0.4
for i = 0, 1999999 do v = 3.7 * v * (1.0 - v) end
print(math.tointeger((sum / n + v) * 1000000.0 // 1))
