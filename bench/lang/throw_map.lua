local function check(i) if i % 3 == 0 then error({code = i, what = "bad"}) end return i end
local s = 0
for i = 0, 59999 do
  local ok, e = pcall(check, i)
  if ok then s = s + e else s = s + e.code % 7 end
end
print(s)
