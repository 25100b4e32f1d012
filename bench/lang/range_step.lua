local s = 0
for k = 1, 5000 do
  for i = 0, 2999, 3 do s = s + i end
  for i = 500, 1000 do s = s - i end
  for i = 100, 1, -1 do s = s + i end
end
print(s)
