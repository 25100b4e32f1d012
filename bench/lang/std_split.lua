local parts = {}
for i = 0, 999 do parts[#parts + 1] = "field" .. i .. "," end
local line = table.concat(parts)
local sum = 0
for i = 1, 200 do
  local fields = {}
  for field in (line .. ","):gmatch("([^,]*),") do fields[#fields + 1] = field end
  sum = sum + #fields
  local joined = table.concat(fields, ";") .. ";"
  local first = joined:find(";", 1, true)
  sum = sum + #joined + joined:find(";", first + 1, true) - first - 1
end
print(sum)
