local a = {}
for i = 0, 99999 do a[#a + 1] = (i * 7919) % 100003 end
local i, j = 1, #a
while i < j do
  local t = a[i]
  a[i] = a[j]
  a[j] = t
  i = i + 1
  j = j - 1
end
local sum = 0
for _ = 1, 20 do
  for _, v in ipairs(a) do sum = sum + v end
  for k = 2, #a do if a[k] > a[k - 1] then sum = sum - 1 end end
end
print(sum)
