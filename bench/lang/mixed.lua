local x, sum = 1.5, 0.0
for i = 1, 599999 do
  x = x * 3 / 4 + i % 7
  sum = sum + (x / 2 - i * 0.5)
  if sum > i then sum = sum - 10 end
end
print(string.format("%d", math.tointeger((sum * 1000) - math.fmod(sum * 1000, 1))))
