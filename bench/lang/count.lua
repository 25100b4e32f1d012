local n, sum = 0, 0
while n < 5000000 do
  if n % 3 == 0 then sum = sum + n end
  n = n + 1
end
print(sum)
