local words = {"apple", "banana", "cherry", "date", "elderberry", "fig", "grape"}
local s = 0
for i = 0, 349999 do
  local w = words[i % 7 + 1]
  if w == "apple" then s = s + 1 elseif w == "banana" then s = s + 2 elseif w == "cherry" then s = s + 3
  elseif w == "elderberry" then s = s + 5 elseif w == "fig" then s = s + 6 end
end
print(s)
