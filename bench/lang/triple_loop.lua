local count = 0
for a = 0, 109 do
  for b = 0, 109 do
    for c = 0, 109 do
      if (a + b) * c % 7 == 3 then count = count + 1 end
    end
  end
end
print(count)
