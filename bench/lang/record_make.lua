local function point(x, y) return {x = x, y = y} end
local function add(a, b) return point(a.x + b.x, a.y + b.y) end
local p, d = point(0, 0), point(1, 2)
for i = 1, 120000 do p = add(p, d) if p.x > 1000 then p = point(0, 0) end end
print(p.x * 10000 + p.y)
