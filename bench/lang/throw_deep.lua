local function down(n) if n == 0 then error("bottom", 0) end return down(n - 1) + 1 end
local caught = 0
for i = 0, 24999 do
  local ok, e = pcall(down, i % 5)
  if not ok and e == "bottom" then caught = caught + 1 end
end
print(caught)
