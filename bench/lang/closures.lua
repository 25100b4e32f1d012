local hits = 0
local steps = { [0] = function(x) hits = hits + 1; return x + 1 end,
  function(x) hits = hits + 1; return x * 3 end, function(x) hits = hits + 1; return x % 1000 end }
local x = 1
for i = 0, 1999999 do
  local f = steps[i % 3]
  x = f(x)
end
print(x + hits)
