local seed = 12345
local nums, words, recs = {}, {}, {}
for i = 0, 29999 do
  seed = (seed * 1103515245 + 12345) % 2147483648
  nums[#nums + 1] = seed % 100000
  if i < 10000 then words[#words + 1] = "w" .. (seed % 5000); recs[#recs + 1] = { k = seed % 1000, v = i } end
end
table.sort(nums)
table.sort(words)
table.sort(recs, function(a, b) return a.k < b.k end)
print(nums[101] + #words[51] + recs[1].k)
