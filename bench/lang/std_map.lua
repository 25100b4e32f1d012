local m = {}
for i = 0, 99999 do m["key" .. i * 7919 % 100000] = i end
local sum = 0
for i = 0, 299999 do sum = sum + m["key" .. i % 100000] end
local keys = {}
for k in pairs(m) do keys[#keys + 1] = k end
table.sort(keys)
for _, k in ipairs(keys) do if m[k] then sum = sum + #k end end
local even, all = 0, 0
for _, v in pairs(m) do if v % 2 == 0 then even = even + 1 end all = all + v end
print(sum + even + all)
