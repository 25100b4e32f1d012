local function pad(s, n) local out = s while #out < n do out = " " .. out end return out end
local function join(list, sep) local out = "" local first = true for i = 1, #list do if not first then out = out .. sep end out = out .. list[i] first = false end return out end
local function rep(s, n) local out = "" for i = 1, n do out = out .. s end return out end
local total = 0
for i = 0, 19999 do
  local row = { pad(tostring(i), 8), rep("ab", i % 7), "x" .. i * 2 }
  total = total + #join(row, ", ")
end
print(total)
