local s = 0
for i = 0, 349999 do
  local a, b = i % 2 == 0, i % 3 == 0
  if a and not b or not a and b then s = s + 1 end
  local c = a == b
  if c or i > 300000 then s = s + 2 end
end
print(s)
