local counts = {}
local p = { x = 1, y = 2, name = "p" }
for i = 0, 149999 do
  p.x = (p.x * 31 + p.y) % 65521
  p.y = p.y + 1
  local key = "k" .. (p.x % 500)
  if counts[key] then counts[key] = counts[key] + 1 else counts[key] = 1 end
end
local best = 0
for k in pairs(counts) do if counts[k] > best then best = counts[k] end end
print(p.x + p.y + best)
