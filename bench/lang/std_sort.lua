local seed = 42
local numbers, words = {}, {}
for i = 0, 199999 do
  seed = (seed * 1103515245 + 12345) % 2147483648
  numbers[#numbers + 1] = seed
  if i % 4 == 0 then words[#words + 1] = "w" .. seed end
end
local reals = {}
for i, n in ipairs(numbers) do reals[i] = n * 0.5 end
table.sort(numbers)
table.sort(reals)
table.sort(words)
local by = table.move(numbers, 1, 40000, 1, {})
table.sort(by, function(a, b) return b < a end)
local sum = 0
for i = 0, 49999 do sum = sum + numbers[i * 4 + 1] % 1000 + #words[i + 1] end
print(sum + by[1] % 1000)
