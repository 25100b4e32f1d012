local n = 0
local add = function(k) n = n + k end
local i = 0
while i < 5000000 do
  n = n + i % 3
  add(1)
  if n > 1000 then n = n - 1000 end
  i = i + 1
end
print(n)
