local m, s, n = {}, 0, 0
for i = 0, 2399999 do
  local k = "k" .. i % 500
  if m[k] ~= nil then m[k] = m[k] + i else m[k] = i n = n + 1 end
  s = s + m[k] % 3
end
print(s + n)
