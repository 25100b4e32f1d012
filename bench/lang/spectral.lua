local function a(i, j) return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1) end
local function times(v, n)
  local out = {}
  for i = 0, n - 1 do
    local s = 0.0
    for j = 0, n - 1 do s = s + a(i, j) * v[j + 1] end
    out[#out + 1] = s
  end
  return out
end
local n = 120
local v = {}
for i = 1, n do v[i] = 1.0 end
for k = 1, 8 do
  v = times(v, n)
  for i = 1, n do v[i] = v[i] / 1.3 end
end
local s = 0.0
for i = 1, #v do s = s + v[i] end
print(string.format("%d", math.floor(s * 1000000000)))
