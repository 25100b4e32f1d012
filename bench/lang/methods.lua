local function area(r) return r.w * r.h end
local function grow(r, n) r.w = r.w + n; r.h = r.h + n end
local function total(list) local t = 0 for _, r in ipairs(list) do t = t + r.w end return t end
local rects = {}
for i = 0, 99 do rects[#rects + 1] = { w = i, h = i + 1 } end
local sum = 0
for _ = 1, 3000 do
  for i = 1, 100 do
    grow(rects[i], 1)
    sum = sum + area(rects[i]) % 1000
  end
  sum = sum + total(rects) % 10
end
print(sum)
