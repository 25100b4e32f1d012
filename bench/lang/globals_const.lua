WIDTH = 640
SCALE = 3
local function area(n) return n * WIDTH % SCALE end
local s = 0
for i = 0, 199999 do s = s + area(i) + WIDTH - SCALE end
print(s)
