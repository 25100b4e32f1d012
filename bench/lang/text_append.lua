local total = 0
for k = 1, 1200 do
  local s = {}
  local n = 0
  for i = 1, 1500 do
    s[#s + 1] = "x" s[#s + 1] = "yz" n = n + 3
    if n > 4000 then s = {} n = 0 end
  end
  total = total + #table.concat(s)
end
print(total)
