local total = 0
for i = 0, 119999 do
  local name = "item"
  local s = "id=" .. i .. " name=" .. name .. " twice=" .. i * 2 .. " flag=" .. tostring(i % 2 == 0)
  total = total + #s
end
print(total)
