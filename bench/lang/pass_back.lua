local function quick(list, low, high)
  if low >= high then return list end
  local pivot = list[(low + high) // 2 + 1]
  local i, j = low, high
  while i <= j do
    while list[i + 1] < pivot do i = i + 1 end
    while list[j + 1] > pivot do j = j - 1 end
    if i <= j then
      local t = list[i + 1]
      list[i + 1] = list[j + 1]
      list[j + 1] = t
      i = i + 1
      j = j - 1
    end
  end
  list = quick(list, low, j)
  return quick(list, i, high)
end
local list, seed = {}, 7
for i = 1, 1500 do
  seed = (seed * 1103515245 + 12345) % 2147483648
  list[i] = seed % 100000
end
local s = 0
for k = 1, 8 do
  local copy = table.move(list, 1, #list, 1, {})
  local out = quick(copy, 0, 1499)
  s = s + out[1] + out[751] * 3 + out[1500] * 7
end
print(s)
