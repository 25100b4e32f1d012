local function distance(a, b)
  local n, m = #a, #b
  local row = {}
  for j = 0, m do row[j] = j end
  for i = 1, n do
    local last = row[0]
    row[0] = i
    for j = 1, m do
      local t = row[j]
      local cost = a[i] == b[j] and 0 or 1
      local best = last + cost
      if t + 1 < best then best = t + 1 end
      if row[j - 1] + 1 < best then best = row[j - 1] + 1 end
      row[j] = best
      last = t
    end
  end
  return row[m]
end
local a, b = {}, {}
for i = 0, 299 do a[i + 1] = i * 7 % 26 b[i + 1] = i * 11 % 26 end
local s = 0
for k = 1, 3 do s = s + distance(a, b) end
print(s)
