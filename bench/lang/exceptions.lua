local function check(n) if n % 3 == 0 then error(n, 0) end return n end
local caught, sum = 0, 0
for i = 0, 799999 do
  local ok, e = pcall(check, i)
  if ok then sum = sum + e else caught = caught + e % 5 end
end
print(sum + caught)
