local total, i = 0, 0
while i < 12000 do
  for j = 0, 399 do
    if (i ~ j) % 7 == 3 then total = total + j else total = total - 1 end
  end
  i = i + 1
end
print(total)
