local text = "the quick brown fox jumps over the lazy dog and the cat sat on the mat while it rained all day long "
local parts = {}
for i = 0, 299 do parts[#parts + 1] = text .. "word" .. i % 50 .. " " end
local all = table.concat(parts)
local best = 0
for round = 1, 6 do
  local counts = {}
  for word in all:gmatch("[^ ]+") do
    if counts[word] then counts[word] = counts[word] + 1 else counts[word] = 1 end
  end
  for key in pairs(counts) do if counts[key] > best then best = counts[key] end end
end
print(best)
