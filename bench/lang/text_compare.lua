local names = {"alice", "bob", "carol of the hill", "dave from far away", "eve"}
local s = 0
for i = 0, 3999999 do
  local a, b = names[i % 5 + 1], names[(i + 2) % 5 + 1]
  if a == b then s = s + 100 end
  if a < b then s = s + 1 end
  if a ~= "bob" then s = s + 2 end
end
print(s)
