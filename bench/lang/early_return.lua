local function first_divisor(n) local d = 2 while d * d <= n do if n % d == 0 then return d end d = d + 1 end return n end
local function position(list, what) for i = 1, #list do if list[i] == what then return i - 1 end end return -1 end
local s, list = 0, {}
for i = 0, 99 do list[#list + 1] = i * 7 % 101 end
for n = 2, 11999 do s = s + first_divisor(n) end
for k = 0, 5999 do s = s + position(list, k % 120) end
local n = 0
while true do n = n + 1 if n % 3 ~= 0 then if n > 400000 then break end s = s + (n & 1) end end
print(s)
