local out = 0
for i = 0, 39999 do
  local line = "user=" .. (i % 97) .. ";path=/srv/data/" .. i .. ";size=" .. (i * 37 % 4096)
  local parts, from = {}, 1
  while true do
    local s = line:find(";", from, true)
    parts[#parts + 1] = line:sub(from, s and s - 1 or nil)
    if not s then break end
    from = s + 1
  end
  if parts[1]:sub(-1) == "7" then out = out + #parts[2] end
  local at = line:find("size=", 1, true)
  out = out + math.tointeger(tonumber(line:sub(at + 5))) % 13
  if line:find("data/1", 1, true) then out = out + 1 end
  out = out + #parts[3]:upper()
end
print(out)
