local parts = {}
local text = ""
for i = 0, 19999 do parts[#parts + 1] = "the quick brown fox " .. i .. " jumps over the lazy dog\n" end
text = table.concat(parts)
local sum = 0
for i = 0, 19 do
  local copy = text
  copy = copy:gsub("lazy", "energetic")
  copy = copy:gsub("fox", "ox")
  sum = sum + #copy + (copy:find("fox 1", 1, true) or 0) - 1
  if copy:find("19999 jumps", 1, true) then sum = sum + 1 end
  sum = sum + copy:upper():find("OX 19998", 1, true) - 1
end
for i = 0, 399999 do if text:sub(i * 2 + 1, i * 2 + 1) == "o" then sum = sum + 1 end end
print(sum)
