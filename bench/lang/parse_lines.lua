local function split(s, sep)
  local out, from = {}, 1
  while true do
    local a = s:find(sep, from, true)
    if not a then out[#out + 1] = s:sub(from) return out end
    out[#out + 1] = s:sub(from, a - 1)
    from = a + 1
  end
end
local lines = {}
for i = 0, 199 do
  lines[#lines + 1] = "2024-01-02T10:00:" .. i % 60 .. " level=" .. (i % 3 == 0 and "error" or "info") .. " user=u" .. i % 9 .. " took=" .. i * 3
end
local errors, took = 0, 0
for k = 1, 25 do
  for _, line in ipairs(lines) do
    local f = split(line, " ")
    if f[2] == "level=error" then errors = errors + 1 end
    took = took + tonumber(split(f[4], "=")[2])
  end
end
print(errors * 1000000 + took)
