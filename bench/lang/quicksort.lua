local function sorted(list)
  if #list < 2 then return list end
  local pivot = list[#list // 2 + 1]
  local less, same, more = {}, {}, {}
  for i = 1, #list do
    local x = list[i]
    if x < pivot then less[#less + 1] = x elseif x > pivot then more[#more + 1] = x else same[#same + 1] = x end
  end
  local out = sorted(less)
  table.move(same, 1, #same, #out + 1, out)
  local m = sorted(more)
  table.move(m, 1, #m, #out + 1, out)
  return out
end
local list, seed = {}, 42
for i = 1, 20000 do
  seed = (seed * 1103515245 + 12345) % 2147483648
  list[i] = seed % 100000
end
local s = sorted(list)
print(s[1] + s[10001] * 3 + s[20000] * 7)
